package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * RRHF (Yuan et al. 2023, *RRHF: Rank Responses to Align Language Models with Human Feedback without tears*),
 * without a reference.
 *
 * <pre>
 *   p = log π(y|x)/|y|     loss = Σ_{i better than j} max(0, p_j − p_i) − log π(y_best|x)
 * </pre>
 *
 * <p>Sums as in the paper. Where several are best, the second term is the mean over them.
 *
 * @param beta only scales the rewards of the metrics, β log π(y|x)/|y|
 */
public record Rrhf(double beta) implements ExampleObjective {
    public Rrhf {
        Check.beta(beta);
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        List<Completion> best = Batch.best(example);
        double loss = 0;
        for (int i = 0; i < example.size(); i++) {
            Completion better = example.get(i);
            if (better.tier() == best.get(0).tier()) {
                loss -= better.logp() / best.size();
                slopes[i] -= 1.0 / best.size();
            }
            for (int j = 0; j < example.size(); j++) {
                Completion worse = example.get(j);
                double wrong = worse.logp() / worse.divisor() - better.logp() / better.divisor();
                if (better.tier() < worse.tier() && wrong > 0) {
                    loss += wrong;
                    slopes[j] += 1 / worse.divisor();
                    slopes[i] -= 1 / better.divisor();
                }
            }
        }
        return loss;
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.noneOf(Need.class);
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * logp / Math.max(1, length);
    }
}
