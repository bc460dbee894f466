package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of whole rankings, worked by hand; and what must be the same as what. */
class RankingsTest {
    /** Completions with these log-ratios, of tiers 0, 1, 2 …, and one token each. */
    private static List<Completion> ranking(double... ratios) {
        List<Completion> example = new ArrayList<>();
        for (int i = 0; i < ratios.length; i++) {
            example.add(new Completion(i, Double.NaN, 1, ratios[i], 0));
        }
        return example;
    }

    private static double loss(Objective objective, List<Completion> example) {
        return objective.losses(Batch.of(List.of(example))).examples()[0];
    }

    @Test
    void plackettLuceByHand() {
        // s = log 4, log 2, log 1: 4/7 · 2/3
        List<Completion> example = ranking(Math.log(4), Math.log(2), 0);
        assertThat(loss(new PlackettLuce(1), example)).isCloseTo(-Math.log(4.0 / 7 * 2 / 3), within(1e-14));
        assertThat(loss(new BestOfN(1), example)).isCloseTo(-Math.log(4.0 / 7), within(1e-14));
        // where policy = reference: 1/3 · 1/2
        assertThat(loss(new PlackettLuce(0.1), ranking(0, 0, 0))).isCloseTo(Math.log(6), within(1e-14));
    }

    @Test
    void tiedCompletionsDoNotCompete() {
        // Two best (4, 2) and one worst (1): 4/5 · 2/3
        List<Completion> tied = List.of(
                new Completion(0, Double.NaN, 1, Math.log(4), 0),
                new Completion(0, Double.NaN, 1, Math.log(2), 0),
                new Completion(1, Double.NaN, 1, 0, 0));
        assertThat(loss(new PlackettLuce(1), tied)).isCloseTo(-Math.log(4.0 / 5 * 2 / 3), within(1e-14));
        assertThat(loss(new BestOfN(1), tied)).isCloseTo(-Math.log(4.0 / 5 * 2 / 3) / 2, within(1e-14));
    }

    @Test
    void withTwoCompletionsPlackettLuceIsDpoToTheBit() {
        for (double[] p : new double[][] {{-10, -14, -11, -12}, {-30.3, -7.1, -12.9, -9.7}, {-5, -6, -5, -6}}) {
            Batch pair = Batch.of(List.of(Worlds.pair(p[0], p[1], p[2], p[3], 5, 7)));
            Losses dpo = new OverPairs(new Dpo(0.3, 0)).losses(pair);
            for (Objective list : List.of(new PlackettLuce(0.3), new BestOfN(0.3))) {
                Losses losses = list.losses(pair);
                assertThat(losses.examples()).isEqualTo(dpo.examples());
                assertThat(losses.gradient().at(0)).isEqualTo(dpo.gradient().at(0));
                assertThat(losses.gradient().at(1)).isEqualTo(dpo.gradient().at(1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sigmoid", "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "simpo", "dpop"})
    void theLossOfARankingIsTheMeanOfThatOfItsPairs(String name) {
        Objective objective = Objectives.of(name, Optional.empty(), Optional.empty(), new Hyperparameters() {});
        List<Completion> example = ranking(-3, -1.5, -4, -2);
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            for (int j = i + 1; j < 4; j++) {
                sum += loss(objective, List.of(example.get(i), example.get(j)));
            }
        }
        assertThat(loss(objective, example)).isCloseTo(sum / 6, within(1e-12));
    }

    @Test
    void pairsOfARanking() {
        List<Completion> example = new ArrayList<>(ranking(0, 0, 0, 0)); // tiers 0 1 2 3
        example.add(new Completion(1, Double.NaN, 1, 0, 0)); // and another second
        assertThat(pairs(PairRule.Which.ALL, example)).hasSize(9);
        assertThat(pairs(PairRule.Which.ADJACENT, example)).containsExactly("01", "04", "12", "23", "42");
        assertThat(pairs(PairRule.Which.BEST_REST, example)).containsExactly("01", "02", "03", "04");
        assertThat(pairs(PairRule.Which.BEST_WORST, example)).containsExactly("03");
        assertThat(new PairRule(PairRule.Which.ALL, 1).pairs(example, true)).hasSize(10);
    }

    private static List<String> pairs(PairRule.Which which, List<Completion> example) {
        return new PairRule(which, 1)
                .pairs(example, false).stream()
                        .map(pair -> "" + pair.chosen() + pair.rejected())
                        .toList();
    }

    @Test
    void lengthDesensitisationByHand() {
        // |y_w| = 3, |y_l| = 1, α = ½: −1 + ½ (−2 − 4) = −4 against −3; the reference −1 + ½ (−1 − 1) = −2 against −1
        List<Completion> example = List.of(
                new Completion(
                        0, Double.NaN, 3, -7, -3, new float[] {-1, -2, -4}, new float[] {-1, -1, -1}, Double.NaN),
                new Completion(1, Double.NaN, 1, -3, -1, new float[] {-3}, new float[] {-1}, Double.NaN));
        Pair pair = new PairRule(PairRule.Which.ALL, 0.5).pairs(example, false).get(0);
        assertThat(pair.policyChosen()).isEqualTo(-4);
        assertThat(pair.difference()).isEqualTo((-4 + 3) - (-2 + 1));
        Objective objective = new OverPairs(new Dpo(1, 0), new PairRule(PairRule.Which.ALL, 0.5), false, false);
        // h = 0, slope −½: whole for the first token, half for the two beyond
        assertThat(objective.losses(Batch.of(List.of(example))).gradient().tokens(0, 3))
                .containsExactly(-0.5, -0.25, -0.25);
    }

    @Test
    void tiesByHand() {
        List<Completion> tied =
                List.of(new Completion(0, Double.NaN, 1, 2, 0), new Completion(0, Double.NaN, 1, 1, 0)); // e² against e
        double p = Math.E;
        double q = 1; // only the ratio counts
        assertThat(loss(new OverPairs(new RaoKupper(1, 3)), tied))
                .isCloseTo(-Math.log(8 * p * q / ((p + 3 * q) * (3 * p + q))), within(1e-14));
        assertThat(loss(new OverPairs(new Davidson(1, 1)), tied))
                .isCloseTo(-Math.log(2 * Math.sqrt(p * q) / (p + q + 2 * Math.sqrt(p * q))), within(1e-14));
        List<Completion> better = ranking(2, 1);
        assertThat(loss(new OverPairs(new RaoKupper(1, 3)), better))
                .isCloseTo(-Math.log(p / (p + 3 * q)), within(1e-14));
        assertThat(loss(new OverPairs(new Davidson(1, 1)), better))
                .isCloseTo(-Math.log(p / (p + q + 2 * Math.sqrt(p * q))), within(1e-14));
        // better, worse and tied are all that can happen
        double all = Math.exp(-loss(new OverPairs(new Davidson(1, 1)), better))
                + Math.exp(-loss(new OverPairs(new Davidson(1, 1)), ranking(1, 2)))
                + Math.exp(-loss(new OverPairs(new Davidson(1, 1)), tied));
        assertThat(all).isCloseTo(1, within(1e-14));
    }

    @Test
    void rrhfByHand() {
        // p = −1, −3, −2: the second is better than the third but less likely, by 1; the first costs 1 to write
        assertThat(loss(new Rrhf(1), ranking(-1, -3, -2))).isEqualTo(1 + 1);
    }

    @Test
    void lipoByHand() {
        // s = 0, 1: the worse one leads. ψ = 1, 0: gains 2, 1. Places 2 and 1: |1/log 3 − 1/log 2|.
        double weight = Math.abs(1 / Math.log(3) - 1 / Math.log(2));
        assertThat(loss(new Lipo(1), ranking(0, 1))).isCloseTo(weight * Math.log1p(Math.E), within(1e-14));
        // Equal scores are placed worst first, whatever the order of the file.
        assertThat(loss(new Lipo(1), ranking(0, 0))).isCloseTo(weight * Math.log(2), within(1e-14));
    }

    @Test
    void infoNcaByHandAndItsLimits() {
        List<Completion> scored = List.of(new Completion(0, Math.log(3), 1, 1, 0), new Completion(1, 0, 1, 0, 0));
        // w = ¾, ¼; softmax(s) = e/(e + 1), 1/(e + 1)
        double high = Math.log1p(Math.exp(-1));
        assertThat(loss(new InfoNca(1, 1, false), scored)).isCloseTo(0.75 * high + 0.25 * (1 + high), within(1e-14));
        double nca = 0.75 * high + 0.5 * (1 + high) + (0.25 + 0.5) * Math.log(2);
        assertThat(loss(new InfoNca(1, 1, true), scored)).isCloseTo(nca, within(1e-14));
        assertThat(loss(new InfoNca(1, 1e-3, false), scored))
                .isCloseTo(loss(new OverPairs(new Dpo(1, 0)), scored), within(1e-14));
        assertThat(loss(new InfoNca(1, 1e-3, true), scored))
                .isCloseTo(loss(new OverPairs(new NcaPair(1)), scored), within(1e-14));
    }
}
