package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Batches for tests, and the check of gradients that every objective passes. */
final class Worlds {
    private Worlds() {}

    /** A pair of sums with lengths. */
    static List<Completion> pair(
            double policyChosen,
            double policyRejected,
            double refChosen,
            double refRejected,
            int lengthW,
            int lengthL) {
        return List.of(
                new Completion(0, Double.NaN, lengthW, policyChosen, refChosen),
                new Completion(1, Double.NaN, lengthL, policyRejected, refRejected));
    }

    static Batch batch(List<List<Completion>> examples) {
        return Batch.of(examples);
    }

    /** Rankings of two to five completions, some tied, with tokens and scores. */
    static Batch random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<Completion>> examples = new ArrayList<>();
        for (int k : new int[] {2, 3, 2, 5, 4}) {
            List<Completion> example = new ArrayList<>();
            for (int i = 0; i < k; i++) {
                int length = 1 + random.nextInt(6);
                float[] policy = new float[length];
                float[] reference = new float[length];
                double logp = 0;
                double referenceLogp = 0;
                for (int t = 0; t < length; t++) {
                    policy[t] = (float) -(0.1 + 2 * random.nextDouble());
                    reference[t] = (float) -(0.1 + 2 * random.nextDouble());
                    logp += policy[t];
                    referenceLogp += reference[t];
                }
                int tier = i == 0 ? 0 : 1 + random.nextInt(2);
                example.add(new Completion(
                        tier,
                        random.nextDouble(),
                        length,
                        logp,
                        referenceLogp,
                        policy,
                        reference,
                        -random.nextDouble()));
            }
            examples.add(example);
        }
        return Batch.of(examples);
    }

    static double total(Objective objective, Batch batch) {
        double total = 0;
        for (double loss : objective.losses(batch).examples()) {
            total += loss;
        }
        return total;
    }

    /** Compares every slope with a central difference; tokens are moved one by one. */
    static void checkGradient(Objective objective, Batch batch, String name) {
        Gradient gradient = objective.losses(batch).gradient();
        float step = 1f / 65536; // what a float really moved by is asked below
        int at = 0;
        for (int e = 0; e < batch.examples().size(); e++) {
            for (int c = 0; c < batch.examples().get(e).size(); c++) {
                int length = batch.examples().get(e).get(c).length();
                double[] slopes = gradient.tokens(at, length);
                for (int t = 0; t < length; t++) {
                    Moved up = moved(batch, e, c, t, step);
                    Moved down = moved(batch, e, c, t, -step);
                    double numeric =
                            (total(objective, up.batch()) - total(objective, down.batch())) / (up.by() - down.by());
                    assertThat(slopes[t])
                            .as("%s: example %s, completion %s, token %s", name, e, c, t)
                            .isCloseTo(numeric, within(1e-5 * Math.max(1, Math.abs(numeric))));
                }
                at++;
            }
        }
    }

    private record Moved(Batch batch, double by) {}

    private static Moved moved(Batch batch, int e, int c, int t, float step) {
        List<List<Completion>> examples = new ArrayList<>(batch.examples());
        List<Completion> example = new ArrayList<>(examples.get(e));
        Completion old = example.get(c);
        float[] tokens = old.tokenLogps().clone();
        tokens[t] += step;
        double by = (double) tokens[t] - old.tokenLogps()[t];
        example.set(
                c,
                new Completion(
                        old.tier(),
                        old.score(),
                        old.length(),
                        old.logp() + by,
                        old.referenceLogp(),
                        tokens,
                        old.referenceTokenLogps(),
                        old.certainty()));
        examples.set(e, example);
        return new Moved(new Batch(examples, batch.step(), batch.memory()), by);
    }
}
