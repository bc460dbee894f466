package org.align4j.objective;

import java.util.Arrays;
import java.util.List;

/**
 * A weighted sum of objectives, as in MPO (Wang et al. 2024, *Enhancing the Reasoning Ability of Multimodal Large Language
 * Models via Mixed Preference Optimization*) and TRL's {@code loss_type} lists. Rewards are the first one's.
 */
public record Mixture(List<Part> parts) implements Compound {

    /** An objective and its weight. */
    public record Part(Objective objective, double weight) {
        public Part {
            Check.that(Double.isFinite(weight), "loss_weights", weight, "finite numbers");
        }
    }

    public Mixture {
        parts = List.copyOf(parts);
    }

    @Override
    public Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        double[] memory = new double[memorySize()];
        int at = 0;
        for (Part part : parts) {
            int size = part.objective().memorySize();
            double[] before = batch.memory().length == 0 ? batch.memory() : slice(batch.memory(), at, size);
            Losses each = part.objective().losses(batch.with(before));
            for (int e = 0; e < losses.length; e++) {
                losses[e] += part.weight() * each.examples()[e];
            }
            gradient.add(each.gradient(), 0, part.weight());
            System.arraycopy(each.memory(), 0, memory, at, each.memory().length);
            at += size;
        }
        return new Losses(losses, gradient, memory);
    }

    private static double[] slice(double[] memory, int from, int size) {
        return Arrays.copyOfRange(memory, from, from + size);
    }
}
