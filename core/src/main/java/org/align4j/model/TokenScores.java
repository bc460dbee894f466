package org.align4j.model;

import org.align4j.data.PackedBatch;

/**
 * What a model says of every predicted completion token of a packed batch, in the batch's order.
 *
 * @param logps log-probability of the token that stands there, nats
 * @param entropies entropy of the model's distribution there, nats
 * @param correct whether the token is the model's first choice
 */
public record TokenScores(float[] logps, float[] entropies, boolean[] correct) {

    /** Sums of log-probabilities, one for each branch of the batch, added up in float64. */
    public double[] branchSums(PackedBatch batch) {
        int[] starts = batch.branchStarts();
        double[] sums = new double[batch.branchCount()];
        for (int branch = 0; branch < sums.length; branch++) {
            for (int i = starts[branch]; i < starts[branch + 1]; i++) {
                sums[branch] += logps[i];
            }
        }
        return sums;
    }
}
