package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;

class DpoTest {
    private static PairLoss of(Dpo dpo, double chosen, double rejected, double refChosen, double refRejected) {
        return dpo.of(PairRule.PLAIN
                .pairs(Worlds.pair(chosen, rejected, refChosen, refRejected, 5, 5), false)
                .get(0));
    }

    private static double loss(Dpo dpo, double chosen, double rejected, double refChosen, double refRejected) {
        return of(dpo, chosen, rejected, refChosen, refRejected).loss();
    }

    @Test
    void workedByHand() {
        // h = (−10 − (−14)) − (−11 − (−12)) = 4 − 1 = 3; β h = 0.3; −log σ(0.3) = log(1 + e^−0.3) = 0.554355…
        assertThat(loss(new Dpo(0.1, 0), -10, -14, -11, -12)).isCloseTo(Math.log1p(Math.exp(-0.3)), within(1e-15));
        // ε = 0.1: 0.9 · log(1 + e^−0.3) + 0.1 · log(1 + e^0.3) = 0.9 · 0.554355 + 0.1 · 0.854355 = 0.584355
        assertThat(loss(new Dpo(0.1, 0.1), -10, -14, -11, -12)).isCloseTo(0.584355244, within(1e-9));
    }

    @Test
    void isLn2WherePolicyEqualsReference() {
        for (double beta : new double[] {0.01, 0.1, 5}) {
            for (double epsilon : new double[] {0, 0.1, 0.4}) {
                assertThat(loss(new Dpo(beta, epsilon), -120.5, -80.25, -120.5, -80.25))
                        .isCloseTo(Math.log(2), within(1e-15));
            }
        }
    }

    @Test
    void swappingChosenAndRejectedTurnsTheSignOfTheLogit() {
        // −log σ(x) − (−log σ(−x)) = −x
        double straight = loss(new Dpo(0.5, 0), -10, -14, -11, -12);
        double swapped = loss(new Dpo(0.5, 0), -14, -10, -12, -11);
        assertThat(straight - swapped).isCloseTo(-0.5 * 3, within(1e-14));
    }

    @Test
    void staysExactFarFromZero() {
        assertThat(loss(new Dpo(1, 0), -2000, 0, 0, 0)).isCloseTo(2000, within(1e-9)); // −log σ(−x) → x
        assertThat(loss(new Dpo(1, 0), 0, -2000, 0, 0)).isZero();
    }

    @Test
    void gradientIsMinusBetaTimesTheProbabilityOfBeingWrong() {
        // ∂loss/∂(log π(chosen)) = −β σ(−β h); here β h = 0.3
        PairLoss loss = of(new Dpo(0.1, 0), -10, -14, -11, -12);
        assertThat(loss.chosenSlope()).isCloseTo(-0.1 / (1 + Math.exp(0.3)), within(1e-15));
        assertThat(loss.rejectedSlope()).isEqualTo(-loss.chosenSlope());
    }

    @Test
    void aMarginOfTheDataIsTakenOff() {
        // β h = 0.3, scores 9 and 5: z = 0.3 − 0.25 · 4 = −0.7
        List<Completion> scored = List.of(new Completion(0, 9, 5, -10, -11), new Completion(1, 5, 5, -14, -12));
        Pair pair = PairRule.PLAIN.pairs(scored, false).get(0);
        assertThat(new Dpo(0.1, 0, 0.25, Divergence.REVERSE_KL).of(pair).loss())
                .isCloseTo(Math.log1p(Math.exp(0.7)), within(1e-15));
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new Dpo(0, 0))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("beta is 0.0");
        assertThatThrownBy(() -> new Dpo(0.1, 0.5))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("label_smoothing is 0.5");
    }
}
