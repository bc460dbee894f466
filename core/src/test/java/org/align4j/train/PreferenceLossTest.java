package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.objective.Dpo;
import org.junit.jupiter.api.Test;

class PreferenceLossTest {
    private static final Dpo DPO = new Dpo(0.5, 0);

    /** A tree whose branches have these tiers and one token each. */
    private static TokenTree tree(int row, int... tiers) {
        List<Branch> branches = new ArrayList<>();
        for (int tier : tiers) {
            branches.add(new Branch(new int[] {7}, tier));
        }
        return new TokenTree(new int[] {1, 2}, branches, row);
    }

    private static double pairLoss(double margin) {
        return Math.log1p(Math.exp(-0.5 * margin));
    }

    @Test
    void aRankingOfThreeIsTheMeanOfItsThreePairs() {
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 0, 1, 2)));
        double[] policy = {-1, -2, -4};
        double[] reference = {-2, -2, -2};
        PreferenceLoss.Result result = PreferenceLoss.of(DPO, batch, policy, reference, 1);
        // log-ratios 1, 0, −2; margins 1, 3, 2
        PreferenceLoss.Example example = result.examples().get(0);
        assertThat(example.loss()).isCloseTo((pairLoss(1) + pairLoss(3) + pairLoss(2)) / 3, within(1e-14));
        assertThat(example.chosenReward()).isCloseTo(0.5 * (1 + 1 + 0) / 3, within(1e-14));
        assertThat(example.rejectedReward()).isCloseTo(0.5 * (0 - 2 - 2) / 3, within(1e-14));
        assertThat(example.accuracy()).isEqualTo(1);
    }

    @Test
    void tiesMakeNoPairAndEqualRewardsAreNotRight() {
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 1, 0, 1)));
        PreferenceLoss.Result result =
                PreferenceLoss.of(DPO, batch, new double[] {-3, -3, -5}, new double[] {-3, -3, -3}, 1);
        // The second is better than the first (margin 0) and the third (margin 2).
        assertThat(result.examples().get(0).loss()).isCloseTo((pairLoss(0) + pairLoss(2)) / 2, within(1e-14));
        assertThat(result.examples().get(0).accuracy()).isEqualTo(0.5);
    }

    @Test
    void theGradientIsThatOfFiniteDifferencesAndReachesEveryToken() {
        TokenTree long1 = new TokenTree(
                new int[] {1}, List.of(new Branch(new int[] {4, 5, 6}, 0), new Branch(new int[] {7, 8}, 1)), 1);
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 2, 0, 1), long1));
        double[] policy = {-1, -2, -4, -3, -3.5};
        double[] reference = {-2, -2.5, -2, -3.2, -3};
        float[] gradient =
                PreferenceLoss.of(DPO, batch, policy, reference, 0.25).gradient();
        double step = 1e-5;
        for (int branch = 0; branch < policy.length; branch++) {
            double[] up = policy.clone();
            double[] down = policy.clone();
            up[branch] += step;
            down[branch] -= step;
            double numeric = 0.25 * (total(batch, up, reference) - total(batch, down, reference)) / (2 * step);
            for (int i = batch.branchStarts()[branch]; i < batch.branchStarts()[branch + 1]; i++) {
                assertThat((double) gradient[i]).isCloseTo(numeric, within(1e-7));
            }
        }
    }

    private static double total(PackedBatch batch, double[] policy, double[] reference) {
        double total = 0;
        for (PreferenceLoss.Example example :
                PreferenceLoss.of(DPO, batch, policy, reference, 1).examples()) {
            total += example.loss();
        }
        return total;
    }
}
