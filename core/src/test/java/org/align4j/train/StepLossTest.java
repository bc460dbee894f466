package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.model.TokenScores;
import org.align4j.objective.Aot;
import org.align4j.objective.Dpo;
import org.align4j.objective.Objective;
import org.align4j.objective.OverPairs;
import org.align4j.objective.PairRule;
import org.junit.jupiter.api.Test;

class StepLossTest {
    private static final Objective DPO = new OverPairs(new Dpo(0.5, 0));
    private static final double[] NO_MEMORY = {};

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

    private static TokenScores scores(float... logps) {
        return new TokenScores(logps, new float[logps.length], new boolean[logps.length], null);
    }

    private static Reference reference(float... logps) {
        return new Reference() {
            @Override
            public double[] branchSums(PackedBatch batch) {
                return TokenScores.sums(batch, logps);
            }

            @Override
            public float[] tokenLogps(PackedBatch batch) {
                return logps;
            }
        };
    }

    private static StepLoss.Result of(Objective objective, PackedBatch batch, float[] policy, float[] reference) {
        return new StepLoss(objective, List.of(batch), NO_MEMORY).of(batch, scores(policy), reference(reference));
    }

    @Test
    void aRankingOfThreeIsTheMeanOfItsThreePairs() {
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 0, 1, 2)));
        StepLoss.Result result = of(DPO, batch, new float[] {-1, -2, -4}, new float[] {-2, -2, -2});
        // log-ratios 1, 0, −2; margins 1, 3, 2
        PreferenceMetrics.Part example =
                new PreferenceMetrics(DPO, 1).part(result.completions().get(0));
        assertThat(result.losses()[0]).isCloseTo((pairLoss(1) + pairLoss(3) + pairLoss(2)) / 3, within(1e-14));
        assertThat(example.chosenReward()).isCloseTo(0.5 * (1 + 1 + 0) / 3, within(1e-14));
        assertThat(example.rejectedReward()).isCloseTo(0.5 * (0 - 2 - 2) / 3, within(1e-14));
        assertThat(example.accuracy()).isEqualTo(1);
    }

    @Test
    void tiesMakeNoPairAndEqualRewardsAreNotRight() {
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 1, 0, 1)));
        StepLoss.Result result = of(DPO, batch, new float[] {-3, -3, -5}, new float[] {-3, -3, -3});
        // The second is better than the first (margin 0) and the third (margin 2).
        assertThat(result.losses()[0]).isCloseTo((pairLoss(0) + pairLoss(2)) / 2, within(1e-14));
        assertThat(new PreferenceMetrics(DPO, 1)
                        .part(result.completions().get(0))
                        .accuracy())
                .isEqualTo(0.5);
    }

    @Test
    void theGradientReachesEveryTokenAndIsThatOfTheMeanOverExamples() {
        TokenTree long1 = new TokenTree(
                new int[] {1}, List.of(new Branch(new int[] {4, 5, 6}, 0), new Branch(new int[] {7, 8}, 1)), 1);
        PackedBatch batch = PackedBatch.of(List.of(tree(0, 0, 1), long1));
        float[] policy = {-1, -2, -1, -1, -1, -1.5f, -2};
        float[] reference = {-2, -2.5f, -1, -1, -1.25f, -1, -2};
        float[] gradient = of(DPO, batch, policy, reference).gradient();
        // h = (−1 + 2) − (−2 + 2.5) = 0.5 and (−3 + 3.5) − (−3.25 + 3) = 0.75; two examples
        float first = (float) (-0.5 / (1 + Math.exp(0.25)) / 2);
        float second = (float) (-0.5 / (1 + Math.exp(0.375)) / 2);
        assertThat(gradient)
                .containsExactly(
                        new float[] {first, -first, second, second, second, -second, -second},
                        org.assertj.core.data.Offset.offset(1e-8f));
    }

    @Test
    void whatMustSeeTheWholeStepIsShownItAndDoesNotDependOnTheSplit() {
        Objective aot = new Aot(0.5, 0, true, PairRule.PLAIN);
        List<TokenTree> trees = List.of(tree(0, 0, 1), tree(1, 0, 1), tree(2, 0, 1));
        float[] policy = {-1, -4, -2, -3, -5, -1};
        float[] reference = {-1, -2, -3, -3, -2, -4};
        StepLoss.Result whole = of(aot, PackedBatch.of(trees), policy, reference);

        List<PackedBatch> packs = PackedBatch.split(trees, 8); // two trees, one tree
        StepLoss loss = new StepLoss(aot, packs, NO_MEMORY);
        assertThat(loss.looksAhead()).isTrue();
        loss.show(packs.get(0), scores(-1, -4, -2, -3), reference(-1, -2, -3, -3));
        loss.show(packs.get(1), scores(-5, -1), reference(-2, -4));
        StepLoss.Result one = loss.of(packs.get(0), scores(-1, -4, -2, -3), reference(-1, -2, -3, -3));
        StepLoss.Result two = loss.of(packs.get(1), scores(-5, -1), reference(-2, -4));

        assertThat(one.losses()).isEqualTo(java.util.Arrays.copyOf(whole.losses(), 2));
        assertThat(two.losses()).isEqualTo(java.util.Arrays.copyOfRange(whole.losses(), 2, 3));
        assertThat(one.gradient()).isEqualTo(java.util.Arrays.copyOf(whole.gradient(), 4));
        assertThat(two.gradient()).isEqualTo(java.util.Arrays.copyOfRange(whole.gradient(), 4, 6));
        // policy 3, 1, −4 and reference 1, 0, 2, sorted: −4 with 0, 1 with 1, 3 with 2
        assertThat(whole.losses()[2]).isCloseTo(pairLoss(-4), within(1e-14));
        assertThat(whole.losses()[1]).isCloseTo(pairLoss(0), within(1e-14));
        assertThat(whole.losses()[0]).isCloseTo(pairLoss(1), within(1e-14));
    }
}
