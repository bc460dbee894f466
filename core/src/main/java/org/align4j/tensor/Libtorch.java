package org.align4j.tensor;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.align4j.AlignException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch once and answers what this machine can do. */
public final class Libtorch {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private static boolean loaded;

    private Libtorch() {}

    /** Loads the native libraries; does nothing the second time. */
    public static synchronized void load() {
        if (loaded) {
            return;
        }
        // JavaCPP would print a line about the openblas build, which is one release older and compatible.
        if (System.getProperty("org.bytedeco.javacpp.logger") == null) {
            System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
        }
        // Scopes free native memory. JavaCPP's own accounting would run the garbage collector on top of them.
        if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        }
        waitPassively();
        try {
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw AlignException.failure(
                    "libtorch does not load: " + e.getMessage()
                            + "; expected the native jars of pytorch and openblas for "
                            + Loader.getPlatform() + " on the class path and a writable "
                            + System.getProperty("user.home") + "/.javacpp",
                    e);
        }
        loaded = true;
    }

    /**
     * Between operations the threads of OpenMP and of OpenBLAS spin by default, and starve a JVM's own on few cores:
     * small operations then take ten times as long and more. Both read their environment when they are loaded, so this
     * must come before.
     */
    private static void waitPassively() {
        if (!Platform.isWindows()) {
            Function setenv = Function.getFunction("c", "setenv");
            int keepWhatTheUserSet = 0;
            setenv.invokeInt(new Object[] {"OMP_WAIT_POLICY", "passive", keepWhatTheUserSet});
            // Sleep after 2⁴ cycles instead of 2²⁶.
            setenv.invokeInt(new Object[] {"OPENBLAS_THREAD_TIMEOUT", "4", keepWhatTheUserSet});
        }
    }

    /** The version of libtorch and of its binding, such as 2.13.0-1.5.14. */
    public static String version() {
        String version = torch.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** Threads that compute. */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /** Computes with that many threads from now on: one is fastest for models so small that threads only wait. */
    public static void setThreads(int threads) {
        load();
        torch.set_num_threads(threads);
        // Float32 products are OpenBLAS's, which counts for itself and has no method in the Java binding.
        NativeLibrary blas = NativeLibrary.getInstance(Loader.load(openblas_nolapack.class));
        blas.getFunction("openblas_set_num_threads").invokeVoid(new Object[] {threads});
    }

    /** Lets what this thread begins run on it alone. A new thread would begin with the setting of the environment. */
    static void oneThreadHere() {
        load();
        torch.set_num_threads(1);
    }

    /**
     * Whether this processor multiplies bf16 matrices in hardware. Without it bf16 products are emulated, about ten
     * times slower than float32.
     */
    public static boolean hasNativeBf16() {
        try {
            if (Files.isReadable(CPU_INFO)) {
                List<String> lines = Files.readAllLines(CPU_INFO);
                for (String line : lines) {
                    if (line.startsWith("flags") && (line.contains(" avx512_bf16") || line.contains(" amx_bf16"))) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException e) {
            return false; // Unknown processors get float32, which is right everywhere.
        }
    }
}
