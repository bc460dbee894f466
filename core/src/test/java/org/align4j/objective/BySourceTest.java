package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.objective.Mixture.Part;
import org.junit.jupiter.api.Test;

/** Examples are judged by the objective of their source, and count alike but for its weight. */
class BySourceTest {
    private static final Objective SFT = new Nll(0.1, Nll.Mean.TOKENS, false);
    private static final Objective SIGMOID =
            Objectives.of("sigmoid", Optional.empty(), Optional.empty(), new Hyperparameters() {});

    private static Completion completion(int tier, int length, double logp, double reference) {
        return new Completion(tier, Double.NaN, length, logp, reference, null, null, Double.NaN);
    }

    private static final List<Completion> PAIR = List.of(completion(0, 4, -5, -8), completion(1, 3, -6, -4)); // h = 5
    private static final List<Completion> OTHER_PAIR =
            List.of(completion(0, 4, -2, -1), completion(1, 3, -3, -3)); // −1
    private static final List<Completion> SHORT = List.of(completion(0, 2, -3, 0));
    private static final List<Completion> LONG = List.of(completion(0, 8, -17, 0));

    private static Batch batch(List<List<Completion>> examples, List<Integer> judges, int objectives) {
        List<Batch.Step> steps = new ArrayList<>();
        for (int k = 0; k < objectives; k++) {
            List<List<Completion>> own = new ArrayList<>();
            for (int e = 0; e < examples.size(); e++) {
                if (judges.get(e) == k) {
                    own.add(examples.get(e));
                }
            }
            steps.add(Batch.of(own).step());
        }
        Batch whole = Batch.of(examples);
        return new Batch(examples, whole.step(), new double[0], new Batch.Judges(judges, steps));
    }

    private static double sigmoidLoss(double h) {
        return Math.log1p(Math.exp(-0.1 * h));
    }

    @Test
    void workedByHand() {
        BySource both = new BySource(List.of(new Part(SIGMOID, 1), new Part(SFT, 0.5)));
        Losses losses = both.losses(batch(List.of(SHORT, PAIR, LONG, OTHER_PAIR), List.of(1, 0, 1, 0), 2));
        // The mean over the two demonstrations is (3 + 17) / (2 + 8) = 2 nats a token; each has its tokens' share.
        assertThat(losses.examples()[0]).isCloseTo(0.5 * 2 * 3 / 10, within(1e-15));
        assertThat(losses.examples()[2]).isCloseTo(0.5 * 2 * 17 / 10, within(1e-15));
        assertThat(losses.examples()[1]).isCloseTo(sigmoidLoss(5), within(1e-15));
        assertThat(losses.examples()[3]).isCloseTo(sigmoidLoss(-1), within(1e-15));
        double step = java.util.Arrays.stream(losses.examples()).sum() / 4;
        assertThat(step).isCloseTo((2 * (sigmoidLoss(5) + sigmoidLoss(-1)) / 2 + 0.5 * 2 * 2) / 4, within(1e-15));
        // Slopes of short, chosen, rejected, long, chosen, rejected.
        double first = -0.1 / (1 + Math.exp(0.5));
        double second = -0.1 / (1 + Math.exp(-0.1));
        double[] expected = {-0.5 * 2 / 10, first, -first, -0.5 * 2 / 10, second, -second};
        for (int c = 0; c < expected.length; c++) {
            assertThat(losses.gradient().at(c)).isCloseTo(expected[c], within(1e-15));
        }
    }

    @Test
    void aBatchOfOneObjectiveIsWhatThatObjectiveSays() {
        BySource both = new BySource(List.of(new Part(SIGMOID, 1), new Part(SFT, 1)));
        List<List<Completion>> pairs = List.of(PAIR, OTHER_PAIR);
        assertThat(both.losses(batch(pairs, List.of(0, 0), 2)).examples())
                .isEqualTo(SIGMOID.losses(Batch.of(pairs)).examples());
        List<List<Completion>> texts = List.of(SHORT, LONG);
        assertThat(both.losses(batch(texts, List.of(1, 1), 2)).examples())
                .isEqualTo(SFT.losses(Batch.of(texts)).examples());
    }

    @Test
    void whatAnObjectiveRemembersStaysWithIt() {
        Objective running = new BcoPair(0.1, PairRule.PLAIN, false, true);
        BySource both = new BySource(List.of(new Part(SFT, 1), new Part(running, 1)));
        double[] alone = running.losses(Batch.of(List.of(PAIR))).memory();
        double[] memory =
                both.losses(batch(List.of(SHORT, PAIR), List.of(0, 1), 2)).memory();
        assertThat(memory).isEqualTo(alone).containsExactly(1, 0.1 * (3 - 2) / 2);
        Batch without = batch(List.of(SHORT), List.of(0), 2).with(memory);
        assertThat(both.losses(without).memory()).isEqualTo(memory);
        Batch with = batch(List.of(OTHER_PAIR), List.of(1), 2).with(memory);
        assertThat(both.losses(with).memory())
                .isEqualTo(running.losses(Batch.of(List.of(OTHER_PAIR)).with(alone))
                        .memory());
    }

    @Test
    void needsAreThoseOfAll() {
        assertThat(new BySource(List.of(new Part(SIGMOID, 1), new Part(SFT, 1))).needs())
                .isEqualTo(SIGMOID.needs());
    }
}
