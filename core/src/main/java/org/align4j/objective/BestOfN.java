package org.align4j.objective;

import java.util.List;

/**
 * DPO of the best against all others at once (the softmax of Ziegler et al. 2019, *Fine-Tuning Language Models from Human
 * Preferences*, on implicit rewards; the softmax-DPO of Chen et al. 2024, *On Softmax Direct Preference
 * Optimization for Recommendation*): the order of the others does not count.
 *
 * <pre>
 *   s = β log(π/π_ref)     loss = −log [exp(s_best) / (exp(s_best) + Σ_others exp(s_j))]
 * </pre>
 *
 * <p>Where several are best it is the mean over them, each against all that are not.
 *
 * @param beta β > 0
 */
public record BestOfN(double beta) implements ExampleObjective {
    public BestOfN {
        Check.beta(beta);
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        List<Completion> best = Batch.best(example);
        double loss = 0;
        for (int k = 0; k < example.size(); k++) {
            if (example.get(k).tier() == best.get(0).tier()) {
                loss += Contest.loss(example, k, beta, 1.0 / best.size(), slopes) / best.size();
            }
        }
        return loss;
    }
}
