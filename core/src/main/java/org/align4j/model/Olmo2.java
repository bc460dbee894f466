package org.align4j.model;

import org.align4j.tensor.Tensor;

/**
 * OLMo 2 (OLMo team 2024): what a block adds is normed, not what it reads, and so are queries and keys, over all heads
 * together. Otherwise Llama.
 */
public record Olmo2(
        Dimensions dimensions,
        RotaryAttention selfAttention,
        GatedFeedForward feedForward,
        RmsNorm norm,
        Rotary rotary,
        boolean tiedHead)
        implements LlamaLayout {

    static Olmo2 parse(HfConfig config) {
        Dimensions dimensions = Dimensions.parse(config);
        boolean bias = config.getBoolean("attention_bias", false);
        RmsNorm norm = new RmsNorm(config.getDouble("rms_norm_eps", 1e-5), RmsNorm.Gain.BEFORE_ROUNDING);
        return new Olmo2(
                dimensions,
                RotaryAttention.plain(dimensions, bias, bias, RotaryAttention.Normed.TOKENS, norm),
                GatedFeedForward.of(config, Activation.of(config, "hidden_act", "silu"), false),
                norm,
                RotaryConfig.of(config)
                        .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_theta", 10_000),
                config.getBoolean("tie_word_embeddings", false));
    }

    @Override
    public Rotary rotary(int layer) {
        return rotary;
    }

    @Override
    public void putBlock(Shapes shapes, String block) {
        selfAttention.put(shapes, block + "self_attn.", dimensions.hiddenSize());
        shapes.rmsNorm(block + "post_attention_layernorm", dimensions.hiddenSize());
        feedForward.put(shapes, block + "mlp.", dimensions.hiddenSize());
        shapes.rmsNorm(block + "post_feedforward_layernorm", dimensions.hiddenSize());
    }

    @Override
    public Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor mixed =
                selfAttention.apply(weights, block + "self_attn.", layer, x, angles, attention, Attention.UNLIMITED);
        Tensor y = x.add(norm.apply(weights, block + "post_attention_layernorm", mixed));
        Tensor fed = feedForward.apply(weights, block + "mlp.", y);
        return y.add(norm.apply(weights, block + "post_feedforward_layernorm", fed));
    }
}
