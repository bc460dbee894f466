package org.align4j.model;

import org.align4j.tensor.Tensor;

/**
 * Who sees whom. A model computes queries, keys and values of a row of tokens; how those tokens hang together (a packed
 * batch of trees, or one new token for each of many sequences) is decided here, so that every family is written once.
 */
public interface Attention {

    /**
     * Attention of one layer.
     *
     * @param layer index of the layer, from 0
     * @param queries (tokens, heads, width)
     * @param keys (tokens, kvHeads, width), where kvHeads divides heads
     * @param values (tokens, kvHeads, width)
     * @return (tokens, heads × width)
     */
    Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values, Scoring scoring);

    /**
     * How queries and keys give scores.
     *
     * @param scale factor on the products, usually 1/√width
     * @param cap a score s becomes cap · tanh(s / cap) before the softmax; {@link #UNCAPPED} leaves it
     * @param window a token sees at most this many tokens up to and including itself; {@link #UNLIMITED} for all
     */
    record Scoring(double scale, double cap, int window) {

        /** All tokens, no cap. */
        static Scoring scaled(double scale) {
            return new Scoring(scale, UNCAPPED, UNLIMITED);
        }
    }

    double UNCAPPED = Double.POSITIVE_INFINITY;

    int UNLIMITED = Integer.MAX_VALUE;
}
