package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnpairedTest {
    private static final double[] LOG_RATIOS = {1.5, -0.5, 0.25};
    private static final int[] TIERS = {0, 1, 0};

    /** Own completions with the given log-ratios, and mismatched ones whose mean log-ratio is 0.5. */
    private static Batch batch(double[] ratios, double... memory) {
        double[] mismatched = {2, -1, 0.5};
        List<List<Completion>> examples = new ArrayList<>();
        for (int i = 0; i < ratios.length; i++) {
            examples.add(List.of(
                    new Completion(TIERS[i], Double.NaN, 3, ratios[i] - 7, -7),
                    new Completion(2, Double.NaN, 3, mismatched[i] - 9, -9)));
        }
        return Batch.of(examples).with(memory);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void ktoIsEquation7() {
        double[] losses = new Unpaired(Unpaired.Kind.KTO, 0.4, 1.5, 0.8)
                .losses(batch(LOG_RATIOS))
                .examples();
        assertThat(losses[0]).isCloseTo(1.5 * (1 - sigmoid(0.4 * (1.5 - 0.5))), within(1e-14));
        assertThat(losses[1]).isCloseTo(0.8 * (1 - sigmoid(0.4 * (0.5 + 0.5))), within(1e-14));
        assertThat(losses[2]).isCloseTo(1.5 * (1 - sigmoid(0.4 * (0.25 - 0.5))), within(1e-14));
    }

    @Test
    void bcoIsAClassifierShiftedByTheMeanRewardOfAllSteps() {
        Unpaired bco = new Unpaired(Unpaired.Kind.BCO, 0.4, 1, 1);
        // One step before with mean 1; this one has 0.4 · (1.5 − 0.5 + 0.25) / 3 = 1 / 6.
        Losses losses = bco.losses(batch(LOG_RATIOS, 1, 1));
        double delta = (1 + 1 / 6.0) / 2;
        assertThat(losses.memory()).hasSize(2);
        assertThat(losses.memory()[0]).isEqualTo(2);
        assertThat(losses.memory()[1]).isCloseTo(delta, within(1e-14));
        assertThat(losses.examples()[0]).isCloseTo(-Math.log(sigmoid(0.6 - delta)), within(1e-14));
        assertThat(losses.examples()[1]).isCloseTo(-Math.log(sigmoid(delta + 0.2)), within(1e-14));
    }

    @ParameterizedTest
    @EnumSource(
            value = Unpaired.Kind.class,
            names = {"KTO", "APO_ZERO_UNPAIRED"})
    void theGradientIsThatOfFiniteDifferences(Unpaired.Kind kind) {
        Unpaired objective = new Unpaired(kind, 0.4, 1.5, 0.8);
        Gradient gradient = objective.losses(batch(LOG_RATIOS)).gradient();
        double step = 1e-5;
        for (int i = 0; i < LOG_RATIOS.length; i++) {
            double[] up = LOG_RATIOS.clone();
            double[] down = LOG_RATIOS.clone();
            up[i] += step;
            down[i] -= step;
            double difference = objective.losses(batch(up)).examples()[i]
                    - objective.losses(batch(down)).examples()[i];
            assertThat(gradient.at(2 * i)).isCloseTo(difference / (2 * step), within(1e-9));
            assertThat(gradient.at(2 * i + 1)).isZero(); // the KL term carries no gradient
        }
    }

    @Test
    void dftWeighsEveryTokenByItsProbability() {
        float[] logps = {-0.5f, -2, -0.1f};
        Completion completion = new Completion(0, Double.NaN, 3, -2.6, 0, logps, null, Double.NaN);
        Losses losses = new Dft().losses(Batch.of(List.of(List.of(completion))));
        double expected = 0;
        double[] slopes = losses.gradient().tokens(0, 3);
        for (int t = 0; t < 3; t++) {
            expected -= Math.exp(logps[t]) * logps[t] / 3;
            assertThat(slopes[t]).isCloseTo(-Math.exp(logps[t]) / 3, within(1e-12));
        }
        assertThat(losses.examples()[0]).isCloseTo(expected, within(1e-12));
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThatThrownBy(() -> new Unpaired(Unpaired.Kind.KTO, 0, 1, 1)).isInstanceOf(AlignException.class);
        assertThatThrownBy(() -> new Unpaired(Unpaired.Kind.KTO, 0.1, -1, 1)).hasMessageContaining("desirable_weight");
    }
}
