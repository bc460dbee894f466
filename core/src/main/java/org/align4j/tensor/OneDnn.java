package org.align4j.tensor;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * oneDNN itself, whose kernels libtorch uses too. A product of few rows takes less time than libtorch needs to look its
 * kernel up, so {@link PackedPiece} keeps kernels.
 */
final class OneDnn {
    private static final boolean AVAILABLE = loads();

    private OneDnn() {}

    /** Whether its kernels are for this processor and its native jars are on the class path. */
    static boolean isAvailable() {
        return AVAILABLE;
    }

    private static boolean loads() {
        Libtorch.load();
        if (!Loader.getPlatform().endsWith("x86_64")) {
            return false;
        }
        try {
            Loader.load(dnnl.class);
            return true;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            return false;
        }
    }

    /** What all products have in common. */
    static final class Cpu {
        static final engine ENGINE = kept(new engine(engine.kind.cpu, 0));
        /** Scratch memory is the caller's, so that any thread may compute. */
        static final primitive_attr ATTRIBUTES = kept(new primitive_attr());

        static {
            ATTRIBUTES.set_scratchpad_mode(dnnl.scratchpad_mode.user);
        }

        private Cpu() {}
    }

    static memory.data_type type(Dtype dtype) {
        return switch (dtype) {
            case F32 -> memory.data_type.f32;
            case BF16 -> memory.data_type.bf16;
            default -> throw new IllegalArgumentException("no products of " + dtype);
        };
    }

    /** A matrix as memory holds it. */
    static memory.desc matrix(long rows, long columns, Dtype dtype, long rowStride, long columnStride) {
        return new memory.desc(new long[] {rows, columns}, type(dtype), new long[] {rowStride, columnStride});
    }

    /** Lets an object outlive the scope that is open, until it is closed. */
    static <P extends Pointer> P kept(P pointer) {
        return pointer.retainReference();
    }
}
