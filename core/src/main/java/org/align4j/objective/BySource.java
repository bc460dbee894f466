package org.align4j.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.align4j.objective.Mixture.Part;

/**
 * Several objectives, each for the examples of its sources: preferences, say, beside demonstrations that keep the model
 * speaking. An example counts as it would in a run over its source alone, times the weight of its objective:
 *
 * <pre>
 *   loss = Σ_k w_k Σ_{e of k} loss_k(e) / N,    N examples in the step, n_k of them judged by objective k,
 *        = Σ_k w_k (n_k / N) · (the loss of objective k on its own part of the step)
 * </pre>
 *
 * <p>So it does not matter how a step is split, objectives that normalise over a step (tokens, sorted differences) see their
 * own examples only, and two sources with the same objective are one source. Rewards are the first one's.
 */
public record BySource(List<Part> parts) implements Compound {
    public BySource {
        parts = List.copyOf(parts);
        for (Part part : parts) {
            Check.that(part.weight() > 0, "data_loss_weights", part.weight(), "numbers above 0");
        }
    }

    @Override
    public Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        double[] memory = batch.memory().length == 0
                ? new double[memorySize()]
                : batch.memory().clone();
        int memoryAt = 0;
        for (int k = 0; k < parts.size(); k++) {
            Objective objective = parts.get(k).objective();
            int memoryEnd = memoryAt + objective.memorySize();
            List<Integer> own = new ArrayList<>();
            List<List<Completion>> examples = new ArrayList<>();
            for (int e = 0; e < losses.length; e++) {
                if (batch.judges().ofExample().get(e) == k) {
                    own.add(e);
                    examples.add(batch.examples().get(e));
                }
            }
            if (!own.isEmpty()) {
                double[] before = Arrays.copyOfRange(memory, memoryAt, memoryEnd);
                Losses judged = objective.losses(
                        new Batch(examples, batch.judges().steps().get(k), before));
                System.arraycopy(judged.memory(), 0, memory, memoryAt, judged.memory().length);
                scatter(judged, parts.get(k).weight(), own, batch.examples(), losses, gradient);
            }
            memoryAt = memoryEnd;
        }
        return new Losses(losses, gradient, memory);
    }

    /** Puts what was judged at the places of its examples. */
    private static void scatter(
            Losses judged,
            double weight,
            List<Integer> own,
            List<List<Completion>> examples,
            double[] losses,
            Gradient gradient) {
        int completion = 0;
        int completionOfOwn = 0;
        int i = 0;
        for (int e = 0; e < losses.length; e++) {
            int size = examples.get(e).size();
            if (i < own.size() && own.get(i) == e) {
                losses[e] = weight * judged.examples()[i];
                gradient.add(judged.gradient().part(completionOfOwn, size), completion, weight);
                completionOfOwn += size;
                i++;
            }
            completion += size;
        }
    }
}
