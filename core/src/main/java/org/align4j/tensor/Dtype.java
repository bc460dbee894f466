package org.align4j.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types. Compute happens in {@link #F32} or {@link #BF16}; the others are for loss arithmetic, masks, ids and
 * files. */
public enum Dtype {
    F64(ScalarType.Double, 8),
    F32(ScalarType.Float, 4),
    F16(ScalarType.Half, 2),
    BF16(ScalarType.BFloat16, 2),
    U8(ScalarType.Byte, 1),
    I64(ScalarType.Long, 8);

    final ScalarType scalarType;
    private final int bytes;

    Dtype(ScalarType scalarType, int bytes) {
        this.scalarType = scalarType;
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    static Dtype of(ScalarType type) {
        for (Dtype dtype : values()) {
            if (dtype.scalarType.value == type.value) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("no Dtype for " + type);
    }
}
