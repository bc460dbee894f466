package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The negative log-likelihood of the best completions, per token: supervised fine-tuning, and what RPO (Pang et al. 2024,
 * *Iterative Reasoning Preference Optimization*, equation 1), MPO, ORPO and CPO add to a preference loss.
 *
 * <pre>
 *   over tokens:      loss = −Σ log π(y_w|x) / Σ |y_w|, both sums over the step
 *   over completions: loss = mean over examples of −log π(y_w|x) / |y_w|
 * </pre>
 *
 * <p>Over tokens is TRL's (there over a micro-batch); over completions is OpenRLHF's and, but for counting the prompt's
 * tokens, the paper's. An example's part is what makes the step's mean right. With several best completions an example
 * has all of them.
 *
 * @param beta only scales the rewards of the metrics
 * @param overTokens which mean
 * @param compared whether the reference is computed so that metrics show rewards
 */
public record Nll(double beta, boolean overTokens, boolean compared) implements Objective {
    public Nll {
        Check.beta(beta);
    }

    @Override
    public Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        int at = 0;
        for (int e = 0; e < losses.length; e++) {
            List<Completion> example = batch.examples().get(e);
            List<Completion> best = Batch.best(example);
            for (Completion completion : example) {
                if (completion.tier() == best.get(0).tier()) {
                    double weight = overTokens
                            ? batch.step().examples()
                                    / (double) Math.max(1, batch.step().bestTokens())
                            : 1 / (completion.divisor() * best.size());
                    losses[e] -= weight * completion.logp();
                    gradient.add(at, -weight);
                }
                at++;
            }
        }
        return new Losses(losses, gradient);
    }

    @Override
    public Set<Need> needs() {
        return compared ? EnumSet.of(Need.REFERENCE) : EnumSet.noneOf(Need.class);
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * (logp - referenceLogp);
    }
}
