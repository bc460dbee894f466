package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;

/** Names, mixtures, memory, and settings that nothing uses. */
class ObjectivesTest {
    private static final Hyperparameters DEFAULTS = new Hyperparameters() {};

    private static Objective of(String names, Hyperparameters hyperparameters) {
        return Objectives.of(names, Optional.empty(), Optional.empty(), hyperparameters);
    }

    @Test
    void anUnknownNameFailsWithTheNearest() {
        assertThatThrownBy(() -> of("sigmiod", DEFAULTS))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("did you mean sigmoid?");
        assertThatThrownBy(() -> of("something_else", DEFAULTS)).hasMessageContaining("expected some of sigmoid,");
    }

    @Test
    void weightsMustFit() {
        assertThatThrownBy(() -> Objectives.of("sigmoid,sft", Optional.of("1"), Optional.empty(), DEFAULTS))
                .hasMessageContaining("loss_weights has 1 numbers for 2 names");
        assertThatThrownBy(() -> Objectives.of("sigmoid", Optional.of("one"), Optional.empty(), DEFAULTS))
                .hasMessageContaining("expected numbers");
    }

    @Test
    void aSettingThatNothingUsesIsRefusedByName() {
        Hyperparameters smoothed = new Hyperparameters() {
            @Override
            public double labelSmoothing() {
                return 0.1;
            }
        };
        assertThatThrownBy(() -> of("hinge", smoothed))
                .hasMessageContaining("label_smoothing is given, but loss_type hinge does not use it");
        assertThat(of("hinge,robust", smoothed)).isInstanceOf(Mixture.class);
        Hyperparameters weighted = new Hyperparameters() {
            @Override
            public boolean useWeighting() {
                return true;
            }
        };
        assertThatThrownBy(() -> of("aot", weighted)).hasMessageContaining("use_weighting is given");
    }

    @Test
    void exoNeedsSmoothing() {
        assertThatThrownBy(() -> of("exo_pair", DEFAULTS)).hasMessageContaining("usually 1e-3");
    }

    @Test
    void aMixtureIsTheWeightedSumAndRpoAddsAnNll() {
        Batch batch = Worlds.random(3);
        Objective mixture = Objectives.of("sigmoid,sft", Optional.of("2, 0.5"), Optional.empty(), DEFAULTS);
        Objective rpo = Objectives.of("sigmoid", Optional.of("2"), Optional.of(0.5), DEFAULTS);
        double wanted =
                2 * Worlds.total(of("sigmoid", DEFAULTS), batch) + 0.5 * Worlds.total(of("sft", DEFAULTS), batch);
        assertThat(Worlds.total(mixture, batch)).isCloseTo(wanted, within(1e-12));
        assertThat(Worlds.total(rpo, batch)).isCloseTo(wanted, within(1e-12));
    }

    @Test
    void orpoIsAnNllPerTokenAndBetaTimesTheOddsRatio() {
        // P = e^(−1) and e^(−2): odds 1/(e − 1) and 1/(e² − 1); one chosen completion of 4 tokens
        Batch batch = Batch.of(List.of(Worlds.pair(-4, -4, 0, 0, 4, 2)));
        double logOdds = Math.log((Math.exp(2) - 1) / (Math.E - 1));
        assertThat(of("orpo", DEFAULTS).losses(batch).examples()[0])
                .isCloseTo(1 + 0.1 * Math.log1p(Math.exp(-logOdds)), within(1e-14));
        assertThat(of("orpo", DEFAULTS).needs()).isEmpty();
    }

    @Test
    void theShiftOfBcoIsARunningMeanThatIsHandedOn() {
        Objective bco = new BcoPair(1, PairRule.PLAIN, false, true);
        Batch step = Batch.of(List.of(Worlds.pair(3, 1, 0, 0, 1, 1))); // mean reward 2
        Losses first = bco.losses(step);
        assertThat(first.memory()).containsExactly(1, 2);
        // −log σ(3 − 2) − log σ(2 − 1)
        assertThat(first.examples()[0]).isCloseTo(2 * Math.log1p(Math.exp(-1)), within(1e-14));
        Losses second = bco.losses(
                Batch.of(List.of(Worlds.pair(7, 5, 0, 0, 1, 1))).with(first.memory())); // mean reward 6: (2 + 6)/2
        assertThat(second.memory()).containsExactly(2, 4);
        assertThat(second.examples()[0]).isCloseTo(Math.log1p(Math.exp(-3)) + Math.log1p(Math.exp(1)), within(1e-14));
        Objective mixture = new Mixture(List.of(new Mixture.Part(new PlackettLuce(1), 1), new Mixture.Part(bco, 0.5)));
        assertThat(mixture.losses(step).memory()).containsExactly(1, 2);
        assertThat(mixture.needs()).contains(Need.WHOLE_STEP);
    }

    @Test
    void smallerOnesByHand() {
        Pair fallen = PairRule.PLAIN
                .pairs(Worlds.pair(-12, -14, -11, -11, 5, 3), false)
                .get(0); // log-ratios −1 and −3
        // β (2 − 50 · 1) = −4.8
        assertThat(new Dpop(0.1, 50).of(fallen).loss()).isCloseTo(Math.log1p(Math.exp(4.8)), within(1e-14));
        // β 2 + 0.05 · (5 − 3) = 0.3
        assertThat(new LengthPenaltyDpo(0.1, 0.05).of(fallen).loss())
                .isCloseTo(Math.log1p(Math.exp(-0.3)), within(1e-14));
        // AlphaPO, α = 1: r = 1 − 1/p; p = e^(−2.4), e^(−14/3); β = 1, γ = 0
        double chosen = 1 - Math.exp(2.4);
        double rejected = 1 - Math.exp(14.0 / 3);
        assertThat(new SimPo(1, 0, 1, 0).of(fallen).loss())
                .isCloseTo(Math.log1p(Math.exp(rejected - chosen)), within(1e-14));
    }
}
