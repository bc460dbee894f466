package org.align4j.model;

import org.align4j.tensor.Dtype;
import org.align4j.tensor.FewValues;
import org.align4j.tensor.Tensor;

/** x / √(mean(x²) + ε) · weight over the last dimension; the statistics are float32 whatever x is. */
record RmsNorm(double epsilon, Gain gain) {

    /** How the weight comes in. The forms differ in bf16, where every step rounds. */
    enum Gain {
        /** The normed values are rounded, then multiplied. */
        AFTER_ROUNDING,
        /** The product is rounded once. */
        BEFORE_ROUNDING,
        /** The same with 1 + weight, so that a weight of 0 changes nothing. */
        AROUND_ONE
    }

    /** @param name of the norm: its weight is {@code name.weight} */
    Tensor apply(Weights weights, String name, Tensor x) {
        Tensor weight = weights.get(name + ".weight");
        if (FewValues.pays(x)) {
            Tensor gains = gain == Gain.AROUND_ONE ? weight.to(Dtype.F32).add(1) : weight;
            return FewValues.rmsNorm(x, gains, epsilon, gain == Gain.AFTER_ROUNDING);
        }
        if (x.dtype() == Dtype.F32) {
            // Where nothing is rounded on the way, all forms are one operation.
            return x.rmsNorm(gain == Gain.AROUND_ONE ? weight.add(1) : weight, epsilon);
        }
        Tensor wide = x.to(Dtype.F32);
        Tensor normed = wide.mul(wide.square().meanOfRows().addInPlace(epsilon).rsqrtInPlace());
        switch (gain) {
            case AFTER_ROUNDING:
                return normed.to(x.dtype()).mul(weight);
            case BEFORE_ROUNDING:
                return normed.mul(weight.to(Dtype.F32)).to(x.dtype());
            case AROUND_ONE:
                return normed.mul(weight.to(Dtype.F32).add(1)).to(x.dtype());
        }
        throw new AssertionError(gain);
    }
}
