package org.align4j.generate;

/**
 * A sampled completion.
 *
 * @param tokens without the stop token
 * @param logps log π of each token at temperature 1, nats; one more than tokens if a stop token was drawn, its own
 * @param finish why it ended
 */
public record Completion(int[] tokens, float[] logps, Finish finish) {

    /** Why a completion ended. */
    public enum Finish {
        /** A stop token was drawn or a stop rule held. */
        STOP,
        /** It reached the limit of new tokens. */
        LENGTH
    }

    /** Σ log π of its tokens, the stop token included, nats. */
    public double logp() {
        double sum = 0;
        for (float logp : logps) {
            sum += logp;
        }
        return sum;
    }
}
