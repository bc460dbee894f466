package org.align4j.checkpoint;

import java.util.Optional;

/**
 * An element type of the safetensors format; the constant's name is what a header says. Left out are the packed types
 * of less than a byte (F4, F6_E2M3, F6_E3M2): nothing here can train them.
 */
public enum SafetensorsDtype {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    F8_E4M3(1),
    F8_E5M2(1),
    F8_E8M0(1),
    C64(8),
    I64(8),
    U64(8),
    I32(4),
    U32(4),
    I16(2),
    U16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    SafetensorsDtype(int bytes) {
        this.bytes = bytes;
    }

    /** The type that a header calls {@code name}, or nothing if it is none of ours. Case matters, as in the format. */
    public static Optional<SafetensorsDtype> of(String name) {
        for (SafetensorsDtype dtype : values()) {
            if (dtype.name().equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }

    /** Size of one element, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether weights of a model may have this type: F64, F32, F16 and BF16, but not the quantised floats. */
    public boolean isWeight() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /**
     * Size of a tensor in bytes; a scalar has an empty shape and one element.
     *
     * @throws ArithmeticException if a dimension is negative or the size exceeds a long
     */
    public long byteCount(long... shape) {
        long count = bytes;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new ArithmeticException("negative dimension " + dimension);
            }
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }
}
