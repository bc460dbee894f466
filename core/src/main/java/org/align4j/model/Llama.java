package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Tensor;

/**
 * The Llama family: Llama 2 and 3, SmolLM2, Mistral (sliding window), Qwen2 (biases on queries, keys and values), Qwen3
 * (norms on queries and keys). Pre-norm blocks with RMSNorm (Zhang and Sennrich 2019), rotary positions, grouped-query
 * attention (Ainslie et al. 2023) and a gated feed-forward block (SwiGLU, Shazeer 2020).
 *
 * @param windows for each layer, how many tokens a token sees
 */
public record Llama(
        Dimensions dimensions,
        RotaryAttention selfAttention,
        GatedFeedForward feedForward,
        RmsNorm norm,
        Rotary rotary,
        boolean tiedHead,
        List<Integer> windows)
        implements LlamaLayout {

    private static final int UNLIMITED = Attention.UNLIMITED;

    static Llama llama(HfConfig config) {
        boolean bias = config.getBoolean("attention_bias", false);
        return parse(
                config, bias, bias, config.getBoolean("mlp_bias", false), false, Windows.everywhere(config, UNLIMITED));
    }

    static Llama mistral(HfConfig config) {
        return parse(config, false, false, false, false, Windows.everywhere(config, Windows.width(config, 4096)));
    }

    static Llama qwen2(HfConfig config) {
        return parse(config, true, false, false, false, qwenWindows(config));
    }

    static Llama qwen3(HfConfig config) {
        boolean bias = config.getBoolean("attention_bias", false);
        return parse(config, bias, bias, false, true, qwenWindows(config));
    }

    private static Llama parse(
            HfConfig config,
            boolean qkvBias,
            boolean outputBias,
            boolean mlpBias,
            boolean queryKeyNorm,
            List<Integer> windows) {
        Dimensions dimensions = Dimensions.parse(config);
        RmsNorm norm = new RmsNorm(config.getDouble("rms_norm_eps", 1e-6), RmsNorm.Gain.AFTER_ROUNDING);
        RotaryAttention.Normed normed = queryKeyNorm ? RotaryAttention.Normed.HEADS : RotaryAttention.Normed.NOTHING;
        return new Llama(
                dimensions,
                RotaryAttention.plain(dimensions, qkvBias, outputBias, normed, norm),
                GatedFeedForward.of(config, Activation.of(config, "hidden_act", "silu"), mlpBias),
                norm,
                RotaryConfig.of(config)
                        .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_theta", 10_000),
                config.getBoolean("tie_word_embeddings", false),
                windows);
    }

    /** Without {@code layer_types}, Qwen slides in the layers from {@code max_window_layers} on. */
    private static List<Integer> qwenWindows(HfConfig config) {
        boolean slides = config.getBoolean("use_sliding_window", false);
        int window = slides ? Windows.width(config, 4096) : UNLIMITED;
        double firstSliding = config.getDouble("max_window_layers", 28);
        return Windows.byType(config, window, layer -> layer >= firstSliding);
    }

    @Override
    public Rotary rotary(int layer) {
        return rotary;
    }

    @Override
    public void putBlock(Shapes shapes, String block) {
        shapes.rmsNorm(block + "input_layernorm", dimensions.hiddenSize());
        selfAttention.put(shapes, block + "self_attn.", dimensions.hiddenSize());
        shapes.rmsNorm(block + "post_attention_layernorm", dimensions.hiddenSize());
        feedForward.put(shapes, block + "mlp.", dimensions.hiddenSize());
    }

    @Override
    public Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor normed = norm.apply(weights, block + "input_layernorm", x);
        Tensor mixed = selfAttention.apply(
                weights, block + "self_attn.", layer, normed, angles, attention, windows.get(layer));
        Tensor y = x.add(mixed);
        normed = norm.apply(weights, block + "post_attention_layernorm", y);
        return y.add(feedForward.apply(weights, block + "mlp.", normed));
    }
}
