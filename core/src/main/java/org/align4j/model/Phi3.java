package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Tensor;

/**
 * Phi-3 and Phi-4 (Abdin et al. 2024): Llama with one matrix for queries, keys and values and one for gate and up, perhaps
 * rotary positions on a part of each head.
 *
 * <p>Models for long contexts have frequencies for rows up to their original context and others beyond it ({@link
 * RopeScaling.LongRope}). Only the first are supported, so positions end there.
 *
 * @param window how many tokens a token sees
 */
public record Phi3(
        Dimensions dimensions,
        int intermediateSize,
        RmsNorm norm,
        Rotary rotary,
        boolean boundedPositions,
        Activation activation,
        boolean tiedHead,
        int window)
        implements LlamaLayout {

    static Phi3 parse(HfConfig config) {
        Dimensions dimensions = Dimensions.parse(config);
        RotaryConfig rope = RotaryConfig.of(config);
        int rotaryWidth = (int) (dimensions.headWidth() * rope.part("partial_rotary_factor", 1));
        RopeScaling scaling = rope.longScaling(rotaryWidth / 2, dimensions.maxPositions());
        boolean isLong = scaling instanceof RopeScaling.LongRope;
        return new Phi3(
                isLong ? dimensions.withMaxPositions(rope.originalPositions(dimensions.maxPositions())) : dimensions,
                config.requireInt("intermediate_size"),
                new RmsNorm(config.getDouble("rms_norm_eps", 1e-5), RmsNorm.Gain.AFTER_ROUNDING),
                new Rotary(rotaryWidth, rope.theta("rope_theta", 10_000), scaling),
                isLong,
                Activation.of(config, "hidden_act", "silu"),
                config.getBoolean("tie_word_embeddings", false),
                config.getInt("sliding_window", Attention.UNLIMITED));
    }

    @Override
    public Rotary rotary(int layer) {
        return rotary;
    }

    @Override
    public List<String> loraTargets() {
        return List.of("qkv_proj");
    }

    private long queryWidth() {
        return (long) dimensions.heads() * dimensions.headWidth();
    }

    private long keyWidth() {
        return (long) dimensions.kvHeads() * dimensions.headWidth();
    }

    @Override
    public void putBlock(Shapes shapes, String block) {
        long hidden = dimensions.hiddenSize();
        shapes.rmsNorm(block + "input_layernorm", hidden);
        shapes.linear(block + "self_attn.qkv_proj", queryWidth() + 2 * keyWidth(), hidden, false);
        shapes.linear(block + "self_attn.o_proj", hidden, queryWidth(), false);
        shapes.rmsNorm(block + "post_attention_layernorm", hidden);
        shapes.linear(block + "mlp.gate_up_proj", 2L * intermediateSize, hidden, false);
        shapes.linear(block + "mlp.down_proj", hidden, intermediateSize, false);
    }

    @Override
    public Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor normed = norm.apply(weights, block + "input_layernorm", x);
        Tensor y = x.add(attend(weights, block + "self_attn.", layer, normed, angles, attention));
        normed = norm.apply(weights, block + "post_attention_layernorm", y);
        return y.add(feedForward(weights, block + "mlp.", normed));
    }

    private Tensor attend(
            Weights weights, String name, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        int width = dimensions.headWidth();
        Tensor[] parts =
                weights.linear(name + "qkv_proj", x, false).split(new long[] {queryWidth(), keyWidth(), keyWidth()}, 1);
        Tensor[] turned = Rotary.apply(
                parts[0].reshape(-1, dimensions.heads(), width),
                parts[1].reshape(-1, dimensions.kvHeads(), width),
                angles);
        Tensor mixed = attention.attend(
                layer,
                turned[0],
                turned[1],
                parts[2].reshape(-1, dimensions.kvHeads(), width),
                new Attention.Scoring(1 / Math.sqrt(width), Attention.UNCAPPED, window));
        return weights.linear(name + "o_proj", mixed, false);
    }

    private Tensor feedForward(Weights weights, String name, Tensor x) {
        Tensor[] parts = weights.linear(name + "gate_up_proj", x, false)
                .split(new long[] {intermediateSize, intermediateSize}, 1);
        return weights.linear(name + "down_proj", activation.apply(parts[0]).mul(parts[1]), false);
    }
}
