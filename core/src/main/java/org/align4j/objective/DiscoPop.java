package org.align4j.objective;

/**
 * DiscoPOP, a loss that a language model found (Lu et al. 2024, *Discovering Preference Optimization Algorithms with and
 * for Large Language Models*, equation 5): logistic and exponential loss, mixed by the log-ratio itself.
 *
 * <pre>
 *   z = β h     m = σ(z / τ)     loss = −(1 − m) log σ(z) + m e^(−z)
 * </pre>
 *
 * <p>m e^(−z) is computed as one exponential: for large negative z TRL multiplies 0 by ∞.
 *
 * @param beta β > 0
 * @param tau τ in (0, 1); at 1 or more m e^(−z) is not bounded
 */
public record DiscoPop(double beta, double tau, Divergence divergence) implements DifferenceObjective {
    public DiscoPop {
        Check.beta(beta);
        Check.that(tau > 0 && tau < 1, "discopop_tau", tau, "a number above 0, below 1, usually 0.05");
    }

    @Override
    public double loss(double h, Pair pair) {
        double z = beta * h;
        return Logistic.sigmoid(-z / tau) * Logistic.softplus(-z) + exponential(z);
    }

    /** m e^(−z). */
    private double exponential(double z) {
        return StrictMath.exp(Logistic.logSigmoid(z / tau) - z);
    }

    @Override
    public double slope(double h, Pair pair) {
        double z = beta * h;
        double m = Logistic.sigmoid(z / tau);
        double other = Logistic.sigmoid(-z / tau);
        double logistic = -other * m / tau * Logistic.softplus(-z) - other * Logistic.sigmoid(-z);
        return beta * (logistic + exponential(z) * (other / tau - 1));
    }
}
