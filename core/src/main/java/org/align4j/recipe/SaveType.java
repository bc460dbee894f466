package org.align4j.recipe;

import org.align4j.tensor.Dtype;

/** What weights are written in. */
public enum SaveType {
    FLOAT32,
    BF16;

    Dtype dtype() {
        return this == BF16 ? Dtype.BF16 : Dtype.F32;
    }
}
