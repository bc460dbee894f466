package org.align4j.generate;

/**
 * A sampled completion.
 *
 * @param tokens without the stop token
 * @param logp Σ log π of its tokens at temperature 1, the stop token included, nats
 * @param finish why it ended
 */
public record Completion(int[] tokens, double logp, Finish finish) {

    /** Why a completion ended. */
    public enum Finish {
        /** A stop token was drawn. */
        STOP,
        /** It reached the limit of new tokens. */
        LENGTH
    }
}
