package org.align4j.generate;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the tokens of one completion. */
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
     * @param weights in proportion to the probabilities at the sampling's temperature, the largest 1; one vocabulary
     *     from {@code from} on
     */
    int next(float[] weights, int from, int vocabulary) {
        int to = from + vocabulary;
        float bound = bound(weights, from, to);
        double total = 0;
        for (int i = from; i < to; i++) {
            total += weights[i] >= bound ? weights[i] : 0;
        }
        double point = random.nextDouble() * total;
        int last = from;
        for (int i = from; i < to; i++) {
            if (weights[i] >= bound && weights[i] > 0) {
                last = i;
                point -= weights[i];
                if (point < 0) {
                    break;
                }
            }
        }
        return last - from;
    }

    /** The smallest weight that the filters leave in. */
    private float bound(float[] weights, int from, int to) {
        float bound = 0;
        if (sampling.topK() > 0 && sampling.topK() < to - from) {
            bound = Math.max(bound, smallestOfLargest(weights, from, to, bound, sampling.topK(), 1));
        }
        if (sampling.topP() < 1) {
            bound = Math.max(bound, smallestOfLargest(weights, from, to, bound, to - from, sampling.topP()));
        }
        // The best token has weight 1 and always stays.
        return Math.max(bound, (float) sampling.minP());
    }

    /**
     * The last of the largest weights, taken until there are {@code count} or they make up {@code share} of all that
     * reach {@code bound}.
     */
    private static float smallestOfLargest(float[] weights, int from, int to, float bound, int count, double share) {
        double total = 0;
        int candidates = 0;
        for (int i = from; i < to; i++) {
            if (weights[i] >= bound) {
                total += weights[i];
                candidates++;
            }
        }
        // Most of a vocabulary is far below and need not be sorted.
        for (float floor = 1e-3f; ; floor *= 1e-4f) {
            float[] sorted = sortedFrom(weights, from, to, Math.max(bound, floor));
            double reached = 0;
            for (int i = sorted.length - 1; i >= 0; i--) {
                reached += sorted[i];
                if (sorted.length - i == count || share < 1 && reached >= share * total) {
                    return sorted[i];
                }
            }
            if (sorted.length == candidates || floor == 0) {
                return bound;
            }
        }
    }

    private static float[] sortedFrom(float[] weights, int from, int to, float floor) {
        float[] sorted = new float[to - from];
        int count = 0;
        for (int i = from; i < to; i++) {
            if (weights[i] >= floor) {
                sorted[count] = weights[i];
                count++;
            }
        }
        sorted = Arrays.copyOf(sorted, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
