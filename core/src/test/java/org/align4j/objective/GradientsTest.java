package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every objective of the registry, and its options, against finite differences, on rankings of two to five with ties. */
class GradientsTest {
    static List<String> names() {
        return Objectives.names();
    }

    private static Hyperparameters smoothed(String name) {
        return new Hyperparameters() {
            @Override
            public double beta() {
                return 0.7;
            }

            @Override
            public double labelSmoothing() {
                return java.util.Set.of("sigmoid", "sigmoid_norm", "exo_pair", "robust", "simpo", "cpo", "aot")
                                .contains(name)
                        ? 0.1
                        : 0;
            }
        };
    }

    @ParameterizedTest
    @MethodSource("names")
    void ofEveryObjective(String name) {
        Objective objective = Objectives.of(name, Optional.empty(), Optional.empty(), smoothed(name));
        for (long seed = 1; seed <= 3; seed++) {
            Worlds.checkGradient(objective, Worlds.random(seed), name);
        }
    }

    @Test
    void ofDivergences() {
        for (Divergence.Kind kind : Divergence.Kind.values()) {
            Divergence divergence = new Divergence(kind, 0.3);
            for (PairObjective objective : List.of(
                    new Dpo(0.3, 0.1, 0.5, divergence),
                    new NormalizedDpo(2, 0, divergence),
                    new Ipo(0.5, true, divergence),
                    new Ipo(0.5, false, divergence),
                    new ExoPair(0.3, 0.01, divergence),
                    new Robust(0.3, 0.2, divergence))) {
                Worlds.checkGradient(new OverPairs(objective), Worlds.random(5), objective.toString());
            }
        }
    }

    @Test
    void ofPartsOfRankingsWeightsAndLengthDesensitisation() {
        for (PairRule.Which which : PairRule.Which.values()) {
            PairRule rule = new PairRule(which, 0.4);
            Worlds.checkGradient(new OverPairs(new Dpo(0.5, 0), rule, true, false), Worlds.random(6), which.name());
            Worlds.checkGradient(new OverPairs(new Dpo(0.5, 0), rule, false, true), Worlds.random(7), which.name());
            Worlds.checkGradient(
                    new OverPairs(new Davidson(0.5, 2), rule, true, false), Worlds.random(8), which.name());
            Worlds.checkGradient(new Aot(0.5, 0.1, false, rule), Worlds.random(9), which.name());
        }
    }

    @Test
    void ofMixtures() {
        Objective mixture = Objectives.of(
                "sigmoid,plackett_luce,sft", Optional.of("1,0.5,0.25"), Optional.of(2.0), new Hyperparameters() {});
        Worlds.checkGradient(mixture, Worlds.random(10), "mixture");
    }

    @Test
    void ofShapedRewards() {
        Worlds.checkGradient(new OverPairs(new SimPo(2, 0.5, 0.25, 0)), Worlds.random(11), "AlphaPO");
        Worlds.checkGradient(new OverPairs(new SimPo(2, 0.5, -0.5, 0)), Worlds.random(12), "AlphaPO, α below 0");
    }

    /** Whatever log-probabilities do, losses and slopes are numbers: TRL overflows in forward_kl and discopop. */
    @ParameterizedTest
    @MethodSource("names")
    void stayFinite(String name) {
        Objective objective = Objectives.of(name, Optional.empty(), Optional.empty(), smoothed(name));
        Batch far = Batch.of(List.of(extreme(-3000, -1), extreme(-1, -3000), extreme(-0.0, -0.0)));
        Losses losses = objective.losses(far);
        for (double loss : losses.examples()) {
            assertThat(loss).as(name).isFinite();
        }
        for (int i = 0; i < 6; i++) {
            assertThat(losses.gradient().tokens(i, 1)[0]).as(name).isFinite();
        }
    }

    @Test
    void divergencesStayFinite() {
        for (Divergence.Kind kind : Divergence.Kind.values()) {
            for (double[] far : new double[][] {{-3000, -1}, {-1, -3000}, {-3000, -3000}}) {
                PairLoss loss = new Dpo(0.1, 0, 0, new Divergence(kind, 0.5))
                        .of(PairRule.PLAIN.pairs(extreme(far[0], far[1]), false).get(0));
                assertThat(loss.loss()).as(kind.name()).isFinite();
                assertThat(loss.chosenSlope()).as(kind.name()).isFinite();
                assertThat(loss.rejectedSlope()).as(kind.name()).isFinite();
            }
        }
        // Below the bound nothing is cut: f′ of the forward KL at log-ratio −79 is 1 − e^79.
        assertThat(new Divergence(Divergence.Kind.FORWARD_KL, 0).score(-79)).isCloseTo(-Math.expm1(79), within(1e20));
    }

    private static List<Completion> extreme(double chosen, double rejected) {
        return List.of(
                new Completion(0, 1, 4, chosen, -500, new float[4], new float[4], -1),
                new Completion(1, 0, 4, rejected, -500, new float[4], new float[4], -1));
    }
}
