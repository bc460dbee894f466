package org.align4j.model;

import org.align4j.data.PackedBatch;

/**
 * What a model says of every predicted completion token of a packed batch, in the batch's order.
 *
 * @param logps log-probability of the token that stands there, nats
 * @param entropies entropy of the model's distribution there, nats
 * @param correct whether the token is the model's first choice
 * @param collisions probability Σᵥ π(v)² that two draws from that distribution are the same; null where not asked for
 */
public record TokenScores(float[] logps, float[] entropies, boolean[] correct, float[] collisions) {

    /** Sums of log-probabilities, one for each branch of the batch, added up in float64. */
    public double[] branchSums(PackedBatch batch) {
        return sums(batch, logps);
    }

    /** Likewise of any log-probabilities of the batch's predictions. */
    public static double[] sums(PackedBatch batch, float[] logps) {
        int[] starts = batch.branchStarts();
        double[] sums = new double[batch.branchCount()];
        for (int branch = 0; branch < sums.length; branch++) {
            for (int i = starts[branch]; i < starts[branch + 1]; i++) {
                sums[branch] += logps[i];
            }
        }
        return sums;
    }

    /** Mean over the predictions [from, to) of log π(token) − log Σᵥ π(v)²; 0 of none. */
    public double certainty(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += logps[i] - StrictMath.log(collisions[i]);
        }
        return sum / Math.max(1, to - from);
    }
}
