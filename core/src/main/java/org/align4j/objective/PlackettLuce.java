package org.align4j.objective;

import java.util.List;

/**
 * DPO of a whole ranking (Rafailov et al. 2023, appendix A.3, equation 20) under the model of Plackett 1975 and Luce 1959:
 * the best is drawn first, then the best of the rest, and so on. A sum over the places, not a mean: it is the negative
 * log-likelihood of the ranking.
 *
 * <pre>
 *   s = β log(π/π_ref)     loss = −Σₖ log [exp(s_k) / Σ_{j = k or worse} exp(s_j)]
 * </pre>
 *
 * <p>Tied completions each compete with all that are worse, not with one another. With two completions this is
 * {@link Dpo}, to the bit.
 *
 * @param beta β > 0
 */
public record PlackettLuce(double beta) implements ExampleObjective {
    public PlackettLuce {
        Check.beta(beta);
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        double loss = 0;
        for (int k = 0; k < example.size(); k++) {
            loss += Contest.loss(example, k, beta, 1, slopes);
        }
        return loss;
    }
}
