package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Tensor;

/**
 * Gemma 2 (Gemma team 2024) and the text models of Gemma 3 (Gemma team 2025): norms before and after both halves of a
 * block, with gains of 1 + weight; embeddings times √hidden; layers with a sliding window between layers without. Gemma
 * 2 bounds scores and logits with a tanh; Gemma 3 norms queries and keys instead, and its sliding layers have rotary
 * positions of their own.
 *
 * @param logitCap bound of the logits
 * @param windows for each layer, how many tokens a token sees
 * @param rotaries for each layer
 */
public record Gemma(
        Dimensions dimensions,
        RotaryAttention selfAttention,
        GatedFeedForward feedForward,
        RmsNorm norm,
        boolean tiedHead,
        double logitCap,
        List<Integer> windows,
        List<Rotary> rotaries)
        implements LlamaLayout {

    static Gemma gemma2(HfConfig config) {
        Dimensions dimensions = Dimensions.parse(config);
        List<Integer> windows = windows(config, 2);
        Rotary rotary = RotaryConfig.of(config)
                .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_theta", 10_000);
        return parse(
                config,
                dimensions,
                RotaryAttention.Normed.NOTHING,
                cap(config, "attn_logit_softcapping", 50),
                cap(config, "final_logit_softcapping", 30),
                windows,
                windows.stream().map(window -> rotary).toList());
    }

    static Gemma gemma3(HfConfig config) {
        Dimensions dimensions = Dimensions.parse(config);
        List<Integer> windows = windows(config, config.getInt("sliding_window_pattern", 6));
        Rotary local = RotaryConfig.ofSlidingLayers(config)
                .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_local_base_freq", 10_000);
        Rotary global = RotaryConfig.ofFullLayers(config)
                .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_theta", 1_000_000);
        return parse(
                config,
                dimensions,
                RotaryAttention.Normed.HEADS,
                cap(config, "attn_logit_softcapping", Attention.UNCAPPED),
                cap(config, "final_logit_softcapping", Attention.UNCAPPED),
                windows,
                windows.stream()
                        .map(window -> window == Attention.UNLIMITED ? global : local)
                        .toList());
    }

    private static Gemma parse(
            HfConfig config,
            Dimensions dimensions,
            RotaryAttention.Normed normed,
            double scoreCap,
            double logitCap,
            List<Integer> windows,
            List<Rotary> rotaries) {
        if (config.getBoolean("use_bidirectional_attention", false)) {
            throw config.unsupported("use_bidirectional_attention", true, "false");
        }
        boolean bias = config.getBoolean("attention_bias", false);
        RmsNorm norm = new RmsNorm(config.getDouble("rms_norm_eps", 1e-6), RmsNorm.Gain.AROUND_ONE);
        RotaryAttention selfAttention = new RotaryAttention(
                dimensions.heads(),
                dimensions.kvHeads(),
                dimensions.headWidth(),
                1 / Math.sqrt(config.getDouble("query_pre_attn_scalar", 256)),
                scoreCap,
                bias,
                bias,
                normed,
                norm);
        return new Gemma(
                dimensions,
                selfAttention,
                GatedFeedForward.of(config, Activation.of(config, "hidden_activation", "gelu_pytorch_tanh"), false),
                norm,
                config.getBoolean("tie_word_embeddings", true),
                logitCap,
                windows,
                rotaries);
    }

    /** Every {@code pattern}-th layer sees everything, unless {@code layer_types} says otherwise. */
    private static List<Integer> windows(HfConfig config, int pattern) {
        return Windows.byType(config, config.getInt("sliding_window", 4096), layer -> (layer + 1) % pattern != 0);
    }

    private static double cap(HfConfig config, String key, double fallback) {
        return config.isNull(key) ? Attention.UNCAPPED : config.getDouble(key, fallback);
    }

    @Override
    public Rotary rotary(int layer) {
        return rotaries.get(layer);
    }

    @Override
    public void putBlock(Shapes shapes, String block) {
        int hidden = dimensions.hiddenSize();
        shapes.rmsNorm(block + "input_layernorm", hidden);
        selfAttention.put(shapes, block + "self_attn.", hidden);
        shapes.rmsNorm(block + "post_attention_layernorm", hidden);
        shapes.rmsNorm(block + "pre_feedforward_layernorm", hidden);
        feedForward.put(shapes, block + "mlp.", hidden);
        shapes.rmsNorm(block + "post_feedforward_layernorm", hidden);
    }

    /** The factor is rounded to the model's type first, as the models were trained: in bf16 √3072 is 55.5. */
    @Override
    public Tensor embed(Weights weights, Tensor ids) {
        Tensor x = LlamaLayout.super.embed(weights, ids);
        float factor = (float) Math.sqrt(dimensions.hiddenSize());
        return x.mul(Tensor.of(new float[] {factor}, 1).to(x.dtype()));
    }

    @Override
    public Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor normed = norm.apply(weights, block + "input_layernorm", x);
        Tensor mixed = selfAttention.apply(
                weights, block + "self_attn.", layer, normed, angles, attention, windows.get(layer));
        Tensor y = x.add(norm.apply(weights, block + "post_attention_layernorm", mixed));
        normed = norm.apply(weights, block + "pre_feedforward_layernorm", y);
        Tensor fed = feedForward.apply(weights, block + "mlp.", normed);
        return y.add(norm.apply(weights, block + "post_feedforward_layernorm", fed));
    }
}
