package org.align4j.recipe;

import org.align4j.tensor.Dtype;
import org.align4j.tensor.Libtorch;

/** What a model computes in. */
public enum ComputeType {
    AUTO,
    FLOAT32,
    BF16;

    /** The type to use on this machine: {@link #AUTO} is bf16 only where the processor multiplies it natively. */
    public Dtype resolve() {
        if (this == AUTO) {
            return Libtorch.hasNativeBf16() ? Dtype.BF16 : Dtype.F32;
        }
        return this == BF16 ? Dtype.BF16 : Dtype.F32;
    }
}
