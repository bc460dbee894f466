package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.model.Pooling;
import org.align4j.objective.BestOfN;
import org.align4j.objective.Objective;
import org.align4j.objective.PlackettLuce;
import org.align4j.objective.SquaredError;
import org.junit.jupiter.api.Test;

/** Losses and metrics of reward models in numbers that can be checked by hand. */
class RewardLossTest {
    private static Branch branch(int tier, double score, int... tokens) {
        return new Branch(tokens, tier, score, null);
    }

    /** A ranking of three with scores, and a scored single completion. */
    private static final PackedBatch SCORED = PackedBatch.of(List.of(
            new TokenTree(new int[] {1, 2}, List.of(branch(0, 4, 5, 6), branch(2, 1, 7), branch(1, 2, 8, 9, 3)), 0),
            new TokenTree(new int[] {1}, List.of(branch(0, -1, 4)), 1)));

    @Test
    void regressionByHand() {
        RewardLoss loss = new RewardLoss(new SquaredError(), 0, 2, Bootstrap.OFF);
        RewardLoss.Result result = loss.of(SCORED, new double[][] {{3, 3, 2, 1}});
        // (3 − 4)² = 1, (3 − 1)² = 4, (2 − 2)² = 0: mean 5/3. (1 + 1)² = 4.
        assertThat(result.losses()).containsExactly(new double[] {5 / 3.0, 4}, within(1e-12));
        // 2 (r − s) / 3 completions / 2 examples; 2 · 2 / 1 / 2
        assertThat(result.slopes()[0]).containsExactly(new double[] {-1 / 3.0, 2 / 3.0, 0, 2}, within(1e-12));
    }

    @Test
    void slopesAreFiniteDifferencesForEnsemblesBootstrapAndCentering() {
        SplittableRandom random = new SplittableRandom(4);
        double h = 1e-6;
        for (Objective objective : List.of(new SquaredError(), new BestOfN(1), new PlackettLuce(1))) {
            RewardLoss loss = new RewardLoss(objective, 0.3, 2, new Bootstrap(true, 1));
            double[][] rewards = new double[3][4];
            for (double[] head : rewards) {
                for (int i = 0; i < head.length; i++) {
                    head[i] = random.nextDouble() * 4 - 2;
                }
            }
            double[][] slopes = loss.of(SCORED, rewards).slopes();
            for (int head = 0; head < 3; head++) {
                for (int i = 0; i < 4; i++) {
                    double at = rewards[head][i];
                    rewards[head][i] = at + h;
                    double above = mean(loss.of(SCORED, rewards).losses());
                    rewards[head][i] = at - h;
                    double below = mean(loss.of(SCORED, rewards).losses());
                    rewards[head][i] = at;
                    assertThat(slopes[head][i]).isCloseTo((above - below) / (2 * h), within(1e-7));
                }
            }
        }
    }

    private static double mean(double[] values) {
        return (values[0] + values[1]) / 2;
    }

    @Test
    void aHeadSeesRowsAsOftenAsAPoissonDrawSaysAndAlwaysTheSame() {
        Bootstrap bootstrap = new Bootstrap(true, 7);
        int[] counts = new int[10];
        for (int row = 0; row < 100_000; row++) {
            counts[bootstrap.times(3, row)]++;
        }
        // e⁻¹/k!, within four standard deviations of 100,000 draws
        double[] expected = {36_788, 36_788, 18_394, 6_131, 1_533};
        for (int k = 0; k < expected.length; k++) {
            assertThat((double) counts[k]).isCloseTo(expected[k], within(4 * Math.sqrt(expected[k])));
        }
        List<Integer> others = new ArrayList<>();
        List<Integer> same = new ArrayList<>();
        for (int row = 0; row < 50; row++) {
            others.add(bootstrap.times(4, row));
            same.add(bootstrap.times(3, row));
            assertThat(new Bootstrap(true, 7).times(3, row)).isEqualTo(same.get(row));
        }
        assertThat(others).isNotEqualTo(same);
        assertThat(Bootstrap.OFF.times(3, 5)).isEqualTo(1);
    }

    @Test
    void metricsOfAnEnsembleAreThoseOfItsMean() {
        RewardMetrics metrics = new RewardMetrics();
        // Means 2, −1, 0 and 3; deviations √2 · 1, 0, √2 · 2, 0.
        double[][] rewards = {{1, -1, -2, 3}, {3, -1, 2, 3}};
        metrics.add(SCORED, rewards, new double[] {1, 2});
        Map<String, Object> map = metrics.toMap("");
        assertThat(metrics.loss()).isEqualTo(1.5);
        assertThat(map.get("accuracy")).isEqualTo(1.0); // 2 > 0 > −1 is the order of the tiers
        assertThat((double) map.get("margin")).isCloseTo((3 + 2 + 1) / 3.0, within(1e-12));
        assertThat(map.get("min_reward")).isEqualTo(-1.0);
        assertThat(map.get("mean_reward")).isEqualTo(1.0);
        assertThat(map.get("max_reward")).isEqualTo(3.0);
        assertThat((double) map.get("reward_std")).isCloseTo(3 * Math.sqrt(2) / 4, within(1e-12));
    }

    @Test
    void singleCompletionsHaveNoAccuracy() {
        RewardMetrics metrics = new RewardMetrics();
        PackedBatch single = PackedBatch.of(List.of(SCORED.trees().get(1)));
        metrics.add(single, new double[][] {{2}}, new double[] {9});
        assertThat(metrics.toMap("").keySet()).containsExactly("min_reward", "mean_reward", "max_reward");
    }

    @Test
    void poolingReadsTheLastTokenThatIsNoPaddingOrAllOfThem() {
        int pad = 0;
        PackedBatch batch = PackedBatch.of(List.of(
                new TokenTree(new int[] {1, 0}, List.of(branch(0, 0, 5, 6, 0), branch(1, 0, 0, 0)), 0),
                new TokenTree(new int[] {0}, List.of(branch(0, 0, 0)), 1)));
        // Row of tokens: 1 0 | 5 6 0 | 0 0 | 0 | 0. Of nothing but padding the first token counts.
        assertThat(Pooling.LAST.readings(batch, pad).tokens()).containsExactly(3, 0, 7);
        assertThat(Pooling.LAST.readings(batch, -1).tokens()).containsExactly(4, 6, 8);
        Pooling.Readings all = Pooling.MEAN.readings(batch, pad);
        assertThat(all.tokens()).containsExactly(2, 3, 4, 5, 6, 8);
        assertThat(all.starts()).containsExactly(0, 3, 5, 6);
        assertThat(all.rewards(new double[] {1, 2, 6, 4, 8, -1})[0]).containsExactly(3, 6, -1);
        assertThat(all.slopes(new double[][] {{3, 1, 2}})).containsExactly(1, 1, 1, 0.5f, 0.5f, 2);
    }

    @Test
    void calibrationByHand() {
        Calibration calibration = new Calibration();
        double sure = Math.log(0.93 / 0.07); // σ = 0.93, the bin [0.9, 0.95)
        for (int i = 0; i < 4; i++) {
            calibration.add(i < 3 ? sure : -sure, 1);
        }
        calibration.add(0, 2); // 0.5 sure, half right
        assertThat(calibration.weight()).isEqualTo(6);
        Calibration.Bin bin = calibration.bins().get(8);
        assertThat(bin.confidence()).isCloseTo(0.93, within(1e-12));
        assertThat(bin.accuracy()).isEqualTo(0.75);
        assertThat(calibration.bins().get(0).accuracy()).isEqualTo(0.5);
        assertThat(calibration.expectedError()).isCloseTo(4 * 0.18 / 6, within(1e-12));
        calibration.add(1000, 1); // as sure as can be is in the last bin
        assertThat(calibration.bins().get(9).weight()).isEqualTo(1);
    }

    @Test
    void theProcessLossByHandAndItsSlopes() {
        int[] classes = {-1, 1, 0};
        TokenTree tree =
                new TokenTree(new int[] {1}, List.of(new Branch(new int[] {2, 3, 4}, 0, Double.NaN, null, classes)), 0);
        PackedBatch batch = PackedBatch.of(List.of(tree));
        PrmStep step = new PrmStep(List.of(tree));
        assertThat(step.tokens(batch)).containsExactly(2, 3);
        float[] slopes = step.add(batch, new double[] {0, Math.log(3), 2, 2});
        // Good with probability 3/4: −ln 0.75; undecided: ln 2. Undecided says bad, which is right.
        assertThat(step.loss()).isCloseTo((-Math.log(0.75) + Math.log(2)) / 2, within(1e-12));
        assertThat(slopes).containsExactly(new float[] {0.125f, -0.125f, -0.25f, 0.25f}, within(1e-7f));
        assertThat(step.toMap("eval_")).isEqualTo(Map.of("eval_accuracy", 1.0));
    }
}
