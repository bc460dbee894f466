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
 *   summed:           loss = mean over examples of −log π(y_w|x)
 * </pre>
 *
 * <p>Over tokens is TRL's (there over a micro-batch); over completions is OpenRLHF's and, but for counting the prompt's
 * tokens, the paper's; summed is what the DPO authors fine-tune with. An example's part is what makes the step's mean right. With several best completions an example
 * has all of them; the last two weigh them alike.
 *
 * @param beta only scales the rewards of the metrics
 * @param mean over what
 * @param compared whether the reference is computed so that metrics show rewards
 */
public record Nll(double beta, Mean mean, boolean compared) implements Objective {
    /** What the loss is a mean over. */
    public enum Mean {
        TOKENS,
        COMPLETIONS,
        SUMS
    }

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
                    double weight = switch (mean) {
                        case TOKENS ->
                            batch.step().examples()
                                    / (double) Math.max(1, batch.step().bestTokens());
                        case COMPLETIONS -> 1 / (completion.divisor() * best.size());
                        case SUMS -> 1.0 / best.size();
                    };
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
