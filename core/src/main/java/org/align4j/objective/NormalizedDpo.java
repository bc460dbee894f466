package org.align4j.objective;

/**
 * DPO of log-ratios per token (Lambert et al. 2024, *TÜLU 3*, equation 6): loss = −log σ(z), smoothed as {@link Dpo}.
 *
 * <pre>
 *   z = β [log(π/π_ref)(y_w)/|y_w| − log(π/π_ref)(y_l)/|y_l|]
 * </pre>
 *
 * <p>TRL's sigmoid_norm and open-instruct's dpo_norm. It wants a β near 5: sums became means. TRL has no smoothing here,
 * open-instruct has.
 *
 * @param beta β > 0
 * @param labelSmoothing ε in [0, 0.5)
 */
public record NormalizedDpo(double beta, double labelSmoothing, Divergence divergence) implements DifferenceObjective {
    public NormalizedDpo {
        Check.beta(beta);
        Check.labelSmoothing(labelSmoothing);
    }

    @Override
    public boolean averaged() {
        return true;
    }

    @Override
    public double loss(double d, Pair pair) {
        return (1 - labelSmoothing) * Logistic.softplus(-beta * d) + labelSmoothing * Logistic.softplus(beta * d);
    }

    @Override
    public double slope(double d, Pair pair) {
        return beta
                * (-(1 - labelSmoothing) * Logistic.sigmoid(-beta * d) + labelSmoothing * Logistic.sigmoid(beta * d));
    }
}
