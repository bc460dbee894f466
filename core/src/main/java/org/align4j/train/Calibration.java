package org.align4j.train;

import java.util.ArrayList;
import java.util.List;
import org.align4j.objective.Logistic;

/**
 * Whether a reward model is as often right as it says: of a pair it prefers the one with the higher reward, and by Bradley
 * and Terry it is σ(|r₁ − r₂|) sure of that. Pairs are put into bins by how sure it is, and in each the mean of that is
 * compared with how often the preferred one is the better one of the data (Guo et al. 2017, *On Calibration of Modern Neural
 * Networks*, equation 3).
 */
public final class Calibration {
    private static final int BINS = 10;

    private final double[] weights = new double[BINS];
    private final double[] confidences = new double[BINS];
    private final double[] right = new double[BINS];

    /**
     * Pairs of which the model is about equally sure.
     *
     * @param from the least sure, a probability
     * @param to the surest
     * @param weight how many, where each example of the data counts 1 in all; 0: the other two are NaN
     * @param confidence mean of how sure the model is
     * @param accuracy share in which it is right
     */
    public record Bin(double from, double to, double weight, double confidence, double accuracy) {}

    /**
     * Takes a pair into account.
     *
     * @param difference reward of the better − reward of the worse one; of 0 the model is half right
     */
    public void add(double difference, double weight) {
        double confidence = Logistic.sigmoid(Math.abs(difference));
        int bin = Math.min(BINS - 1, (int) ((confidence - 0.5) * 2 * BINS));
        weights[bin] += weight;
        confidences[bin] += weight * confidence;
        right[bin] += weight * (difference > 0 ? 1 : difference == 0 ? 0.5 : 0);
    }

    /** Ten, from 0.5 to 1. */
    public List<Bin> bins() {
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            double from = 0.5 + 0.5 * i / BINS;
            double to = 0.5 + 0.5 * (i + 1) / BINS;
            bins.add(new Bin(from, to, weights[i], confidences[i] / weights[i], right[i] / weights[i]));
        }
        return bins;
    }

    /** What all pairs weigh. */
    public double weight() {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** The expected calibration error: mean over pairs of |accuracy − confidence| of their bin; NaN without pairs. */
    public double expectedError() {
        double sum = 0;
        for (int i = 0; i < BINS; i++) {
            sum += Math.abs(right[i] - confidences[i]);
        }
        return sum / weight();
    }
}
