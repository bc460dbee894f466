package org.align4j.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import org.align4j.AlignException;

/** Loads the native tokenizers library once, from the jar and from nowhere else. */
final class NativeTokenizers {

    static {
        // DJL would fetch a CUDA build over the network where it sees a GPU; tokenizing gains nothing from one.
        setUnlessSet("RUST_FLAVOR", "cpu");
        // On Amazon's machines DJL would report its use to its authors.
        setUnlessSet("OPT_OUT_TRACKING", "true");
    }

    private NativeTokenizers() {}

    /**
     * Makes sure that the library is there.
     *
     * @throws AlignException if it cannot be unpacked or linked
     */
    static void load() {
        try {
            LibUtils.checkStatus();
        } catch (RuntimeException | LinkageError e) {
            throw AlignException.failure(
                    "the native tokenizers library could not be loaded (" + oneLine(rootCause(e))
                            + "): it needs 64-bit Linux, Windows or Apple-silicon macOS, and a cache folder that can be"
                            + " written, now " + Utils.getEngineCacheDir("tokenizers")
                            + "; choose another one with -DDJL_CACHE_DIR=FOLDER",
                    e);
        }
    }

    /** The message of a native or JSON error, fit for the end of a one-line message. */
    static String oneLine(Throwable error) {
        return oneLine(error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage());
    }

    /** A text that may have several lines, as one. */
    static String oneLine(String message) {
        return message.strip().replaceAll("\\s+", " ");
    }

    private static Throwable rootCause(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static void setUnlessSet(String name, String value) {
        if (System.getenv(name) == null && System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
