package org.align4j.model;

import org.align4j.tensor.Tensor;

/** The non-linearity of a feed-forward block, by Hugging Face's names. */
enum Activation {
    SILU,
    RELU,
    GELU,
    GELU_TANH;

    static Activation of(HfConfig config, String key, String fallback) {
        String name = config.getString(key, fallback);
        switch (name) {
            case "silu":
            case "swish":
                return SILU;
            case "relu":
                return RELU;
            case "gelu":
                return GELU;
            case "gelu_new":
            case "gelu_pytorch_tanh":
            case "gelu_fast":
                return GELU_TANH;
            default:
                throw config.unsupported(key, name, "silu, relu, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast");
        }
    }

    Tensor apply(Tensor x) {
        switch (this) {
            case SILU:
                return x.silu();
            case RELU:
                return x.relu();
            case GELU:
                return x.gelu();
            case GELU_TANH:
                return x.geluTanh();
        }
        throw new AssertionError(this);
    }
}
