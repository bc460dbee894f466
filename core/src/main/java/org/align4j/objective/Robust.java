package org.align4j.objective;

/**
 * Robust DPO (Chowdhury et al. 2024, *Provably Robust DPO*): unbiased where labels are flipped with
 * probability ε. It may be negative.
 *
 * <pre>
 *   loss = [−(1 − ε) log σ(β h) + ε log σ(−β h)] / (1 − 2ε)
 * </pre>
 *
 * @param beta β > 0
 * @param labelSmoothing ε in [0, 0.5)
 */
public record Robust(double beta, double labelSmoothing, Divergence divergence) implements DifferenceObjective {
    public Robust {
        Check.beta(beta);
        Check.labelSmoothing(labelSmoothing);
    }

    @Override
    public double loss(double h, Pair pair) {
        double z = beta * h;
        return ((1 - labelSmoothing) * Logistic.softplus(-z) - labelSmoothing * Logistic.softplus(z))
                / (1 - 2 * labelSmoothing);
    }

    @Override
    public double slope(double h, Pair pair) {
        double z = beta * h;
        return -beta
                * ((1 - labelSmoothing) * Logistic.sigmoid(-z) + labelSmoothing * Logistic.sigmoid(z))
                / (1 - 2 * labelSmoothing);
    }
}
