package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.align4j.tensor.Tensor;

/**
 * Mixtral (Jiang et al. 2024): Mistral with a choice of feed-forward blocks in every layer, see {@link Experts}.
 *
 * <p>Only what the loss asks for is trained: the load-balancing term of pretraining ({@code router_aux_loss_coef}) is not
 * added.
 *
 * @param window how many tokens a token sees
 */
public record Mixtral(
        Dimensions dimensions,
        RotaryAttention selfAttention,
        Experts experts,
        RmsNorm norm,
        Rotary rotary,
        boolean tiedHead,
        int window)
        implements LlamaLayout {

    static Mixtral parse(HfConfig config) {
        Dimensions dimensions = Dimensions.parse(config);
        RmsNorm norm = new RmsNorm(config.getDouble("rms_norm_eps", 1e-5), RmsNorm.Gain.AFTER_ROUNDING);
        return new Mixtral(
                dimensions,
                RotaryAttention.plain(dimensions, false, false, RotaryAttention.Normed.NOTHING, norm),
                Experts.parse(config),
                norm,
                RotaryConfig.of(config)
                        .wholeHead(dimensions.headWidth(), dimensions.maxPositions(), "rope_theta", 1_000_000),
                config.getBoolean("tie_word_embeddings", false),
                config.getInt("sliding_window", Attention.UNLIMITED));
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
        experts.put(shapes, block + "block_sparse_moe.", dimensions.hiddenSize());
    }

    /** As transformers 5 holds the experts in memory, and writes them when asked: all of a layer in two tensors. */
    @Override
    public Map<String, Part> otherLayout() {
        Map<String, Part> parts = new LinkedHashMap<>();
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "model.layers." + layer + ".";
            experts.putParts(parts, block + "block_sparse_moe.", block + "mlp.", dimensions.hiddenSize());
        }
        return parts;
    }

    @Override
    public Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor normed = norm.apply(weights, block + "input_layernorm", x);
        Tensor mixed = selfAttention.apply(weights, block + "self_attn.", layer, normed, angles, attention, window);
        Tensor y = x.add(mixed);
        normed = norm.apply(weights, block + "post_attention_layernorm", y);
        return y.add(experts.apply(weights, block + "block_sparse_moe.", normed));
    }
}
