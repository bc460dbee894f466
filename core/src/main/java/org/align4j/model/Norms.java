package org.align4j.model;

import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/** Normalisation shared by the families. */
final class Norms {
    private Norms() {}

    /** x / √(mean(x²) + ε) · weight over the last dimension; the statistics are float32 whatever x is. */
    static Tensor rms(Tensor x, Tensor weight, double epsilon) {
        Tensor wide = x.to(Dtype.F32);
        Tensor normed = wide.mul(wide.square().meanOfRows().add(epsilon).rsqrt());
        return normed.to(x.dtype()).mul(weight);
    }
}
