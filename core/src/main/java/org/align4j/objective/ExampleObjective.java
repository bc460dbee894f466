package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** An objective that judges each example by itself: the losses of whole rankings. */
public interface ExampleObjective extends Objective {

    /** β: rewards are β · log(π/π_ref). */
    double beta();

    /**
     * The loss of an example.
     *
     * @param slopes to be set to ∂loss/∂log π of each completion
     */
    double loss(List<Completion> example, double[] slopes);

    @Override
    default Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        int first = 0;
        for (int e = 0; e < losses.length; e++) {
            List<Completion> example = batch.examples().get(e);
            double[] slopes = new double[example.size()];
            losses[e] = loss(example, slopes);
            for (int i = 0; i < slopes.length; i++) {
                gradient.add(first + i, slopes[i]);
            }
            first += slopes.length;
        }
        return new Losses(losses, gradient);
    }

    @Override
    default Set<Need> needs() {
        return EnumSet.of(Need.REFERENCE);
    }

    @Override
    default double reward(double logp, double referenceLogp, int length) {
        return beta() * (logp - referenceLogp);
    }
}
