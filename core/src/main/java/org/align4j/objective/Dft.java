package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Dynamic fine-tuning (Wu et al. 2025, *On the Generalization of SFT: A Reinforcement Learning Perspective with Reward
 * Rectification*, equation 9): the negative log-likelihood of every token weighed by its own probability, which carries no
 * gradient.
 *
 * <pre>
 *   loss = −Σ π(y_t) log π(y_t) / Σ |y|, both sums over the step
 * </pre>
 */
public record Dft() implements Objective {
    @Override
    public Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        double weight =
                batch.step().examples() / (double) Math.max(1, batch.step().bestTokens());
        int at = 0;
        for (int e = 0; e < losses.length; e++) {
            List<Completion> example = batch.examples().get(e);
            for (Completion completion : example) {
                float[] logps = completion.tokenLogps();
                double before = 0;
                for (int t = 0; t < logps.length; t++) {
                    double probability = StrictMath.exp(logps[t]);
                    losses[e] -= weight * probability * logps[t];
                    // From token t on the slope is that of token t: what differs from the one before is added.
                    double slope = -weight * probability;
                    gradient.addFrom(at, slope - before, t, logps.length);
                    before = slope;
                }
                at++;
            }
        }
        return new Losses(losses, gradient);
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.TOKENS);
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return logp;
    }
}
