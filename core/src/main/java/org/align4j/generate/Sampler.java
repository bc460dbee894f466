package org.align4j.generate;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the tokens of one completion from rows of logits. */
final class Sampler {
    private final Sampling sampling;
    private final SplittableRandom random;

    Sampler(Sampling sampling, int[] prompt, int completion) {
        this.sampling = sampling;
        long mixed = sampling.seed() * 0x9E3779B97F4A7C15L + Arrays.hashCode(prompt);
        this.random = new SplittableRandom(mixed * 0xBF58476D1CE4E5B9L + completion);
    }

    /**
     * The next token.
     *
     * @param logps log-probabilities of the whole vocabulary at temperature 1
     */
    int next(float[] logps) {
        int best = argmax(logps);
        if (sampling.isGreedy()) {
            return best;
        }
        double[] weights = new double[logps.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logps[i] - logps[best]) / sampling.temperature());
        }
        filter(weights, best);
        return draw(weights, best);
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Zeroes what the filters leave out. Weights are relative to the best, which has 1 and always stays. */
    private void filter(double[] weights, int best) {
        if (sampling.topK() > 0 && sampling.topK() < weights.length) {
            double[] sorted = weights.clone();
            Arrays.sort(sorted);
            dropBelow(weights, sorted[sorted.length - sampling.topK()]);
        }
        if (sampling.topP() < 1) {
            dropBelow(weights, nucleusBound(weights));
        }
        if (sampling.minP() > 0) {
            dropBelow(weights, sampling.minP());
        }
        weights[best] = 1;
    }

    /** The weight of the last token needed to reach top-p. */
    private double nucleusBound(double[] weights) {
        double[] sorted = weights.clone();
        Arrays.sort(sorted);
        double total = 0;
        for (double weight : sorted) {
            total += weight;
        }
        double reached = 0;
        for (int i = sorted.length - 1; i >= 0; i--) {
            reached += sorted[i];
            if (reached >= sampling.topP() * total) {
                return sorted[i];
            }
        }
        return 0;
    }

    private static void dropBelow(double[] weights, double bound) {
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] < bound) {
                weights[i] = 0;
            }
        }
    }

    private int draw(double[] weights, int best) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        double point = random.nextDouble() * total;
        for (int i = 0; i < weights.length; i++) {
            point -= weights[i];
            if (point < 0) {
                return i;
            }
        }
        return best; // only when rounding left a crumb of the total
    }
}
