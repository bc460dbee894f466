package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Tensor;

/**
 * Grouped-query attention (Ainslie et al. 2023) with rotary positions and four projections named as Llama's.
 *
 * @param scale factor on the scores
 * @param cap bound of the scores, see {@link Attention.Scoring}
 * @param normed what of queries and keys is normed before they turn
 */
record RotaryAttention(
        int heads,
        int kvHeads,
        int width,
        double scale,
        double cap,
        boolean qkvBias,
        boolean outputBias,
        Normed normed,
        RmsNorm norm) {

    enum Normed {
        NOTHING,
        /** Each head alone. */
        HEADS,
        /** All heads of a token together. */
        TOKENS
    }

    /** With scores divided by √width and not bounded. */
    static RotaryAttention plain(
            Architecture.Dimensions dimensions, boolean qkvBias, boolean outputBias, Normed normed, RmsNorm norm) {
        return new RotaryAttention(
                dimensions.heads(),
                dimensions.kvHeads(),
                dimensions.headWidth(),
                1 / Math.sqrt(dimensions.headWidth()),
                Attention.UNCAPPED,
                qkvBias,
                outputBias,
                normed,
                norm);
    }

    void put(Shapes shapes, String name, long hidden) {
        long queries = (long) heads * width;
        long keys = (long) kvHeads * width;
        shapes.linear(name + "q_proj", queries, hidden, qkvBias);
        shapes.linear(name + "k_proj", keys, hidden, qkvBias);
        shapes.linear(name + "v_proj", keys, hidden, qkvBias);
        shapes.linear(name + "o_proj", hidden, queries, outputBias);
        if (normed != Normed.NOTHING) {
            shapes.rmsNorm(name + "q_norm", normed == Normed.HEADS ? width : queries);
            shapes.rmsNorm(name + "k_norm", normed == Normed.HEADS ? width : keys);
        }
    }

    /**
     * @param name what the names of its tensors begin with
     * @param x (tokens, hidden)
     * @param window see {@link Attention.Scoring}
     * @return (tokens, hidden)
     */
    Tensor apply(
            Weights weights, String name, int layer, Tensor x, Rotary.Angles angles, Attention attention, int window) {
        Tensor[] qkv = weights.linear(List.of(name + "q_proj", name + "k_proj", name + "v_proj"), x, qkvBias);
        Tensor queries = split(weights, name + "q_norm", qkv[0], heads);
        Tensor keys = split(weights, name + "k_norm", qkv[1], kvHeads);
        Tensor values = qkv[2].reshape(-1, kvHeads, width);
        Tensor[] turned = Rotary.apply(queries, keys, angles);
        Tensor mixed = attention.attend(layer, turned[0], turned[1], values, new Attention.Scoring(scale, cap, window));
        return weights.linear(name + "o_proj", mixed, outputBias);
    }

    /** (tokens, count × width) to (tokens, count, width), normed. */
    private Tensor split(Weights weights, String normName, Tensor x, int count) {
        switch (normed) {
            case NOTHING:
                return x.reshape(-1, count, width);
            case HEADS:
                return norm.apply(weights, normName, x.reshape(-1, count, width));
            case TOKENS:
                return norm.apply(weights, normName, x).reshape(-1, count, width);
        }
        throw new AssertionError(normed);
    }
}
