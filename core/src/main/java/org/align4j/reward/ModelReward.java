package org.align4j.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.Ensemble;
import org.align4j.model.HeadOutputs;
import org.align4j.model.Pooling;

/**
 * The reward that a reward model gives: what transformers' sequence classification computes, and with it the mean of several
 * heads where the model has some.
 *
 * @param padId the padding token; −1 if there is none
 */
public record ModelReward(CausalLm model, Pooling pooling, int padId) {

    /**
     * One completion.
     *
     * @param numTokens its tokens, the end-of-text token included
     * @param reward mean over heads
     * @param deviation standard deviation (n − 1) over heads; 0 of a single one
     * @param heads how many there are
     * @param rank 1 = highest reward among the completions of its prompt; equal rewards share the better rank
     */
    public record Scored(int numTokens, double reward, double deviation, int heads, int rank) {}

    /** The rewards of a batch's completions, by head and completion. */
    public double[][] rewards(PackedBatch batch) {
        Pooling.Readings readings = pooling.readings(batch, padId);
        return readings.rewards(HeadOutputs.score(model, batch, readings.tokens()));
    }

    /**
     * For each tree of a batch its completions, in order.
     *
     * @param rewards by head and completion; the heads may be of several models
     */
    public static List<List<Scored>> scored(PackedBatch batch, double[][] rewards) {
        double[] means = Ensemble.means(rewards);
        double[] deviations = Ensemble.deviations(rewards);
        List<List<Scored>> result = new ArrayList<>();
        int first = 0;
        for (TokenTree tree : batch.trees()) {
            int count = tree.branches().size();
            double[] own = Arrays.copyOfRange(means, first, first + count);
            List<Scored> completions = new ArrayList<>();
            for (int k = 0; k < count; k++) {
                int tokens = tree.branches().get(k).tokens().length;
                completions.add(new Scored(tokens, own[k], deviations[first + k], rewards.length, Ranks.of(own, k)));
            }
            result.add(completions);
            first += count;
        }
        return result;
    }
}
