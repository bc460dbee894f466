package org.align4j.generate;

import java.nio.FloatBuffer;
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
     * @param sum of the weights
     */
    int next(FloatBuffer weights, int from, int vocabulary, double sum) {
        int to = from + vocabulary;
        float bound = bound(weights, from, to, sum);
        double point = random.nextDouble() * (bound > 0 ? sumFrom(bound, weights, from, to) : sum);
        int last = from;
        for (int i = from; i < to; i++) {
            float weight = weights.get(i);
            if (weight >= bound && weight > 0) {
                last = i;
                point -= weight;
                if (point < 0) {
                    break;
                }
            }
        }
        return last - from;
    }

    private static double sumFrom(float bound, FloatBuffer weights, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            float weight = weights.get(i);
            sum += weight >= bound ? weight : 0;
        }
        return sum;
    }

    /** The smallest weight that the filters leave in. */
    private float bound(FloatBuffer weights, int from, int to, double sum) {
        float bound = 0;
        if (sampling.topK() > 0 && sampling.topK() < to - from) {
            bound = smallestOfLargest(weights, from, to, bound, sampling.topK(), Double.POSITIVE_INFINITY);
        }
        if (sampling.topP() < 1) {
            double left = bound > 0 ? sumFrom(bound, weights, from, to) : sum;
            bound = smallestOfLargest(weights, from, to, bound, to - from, sampling.topP() * left);
        }
        // The best token has weight 1 and always stays.
        return Math.max(bound, (float) sampling.minP());
    }

    /**
     * The last of the largest weights, taken until there are {@code count} or they reach {@code enough} together; or
     * {@code bound}, below which none is taken, if they do not.
     */
    private static float smallestOfLargest(
            FloatBuffer weights, int from, int to, float bound, int count, double enough) {
        // Most of a vocabulary is far below and need not be sorted.
        for (float floor = 1e-3f; ; floor *= 1e-4f) {
            float[] sorted = sortedFrom(weights, from, to, Math.max(bound, floor));
            double reached = 0;
            for (int i = sorted.length - 1; i >= 0; i--) {
                reached += sorted[i];
                if (sorted.length - i == count || reached >= enough) {
                    return sorted[i];
                }
            }
            if (floor <= bound) {
                return bound;
            }
        }
    }

    private static float[] sortedFrom(FloatBuffer weights, int from, int to, float floor) {
        float[] sorted = new float[to - from];
        int count = 0;
        for (int i = from; i < to; i++) {
            float weight = weights.get(i);
            if (weight >= floor) {
                sorted[count] = weight;
                count++;
            }
        }
        Arrays.sort(sorted, 0, count);
        return Arrays.copyOf(sorted, count);
    }
}
