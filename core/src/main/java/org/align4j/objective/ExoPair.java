package org.align4j.objective;

/**
 * Efficient Exact Optimization for pairs (Ji et al. 2024, *Towards Efficient Exact Optimization of Language Model
 * Alignment*, equation 16): the reverse KL divergence KL(q‖p) from q = (σ(βh), σ(−βh)) to p = (1 − ε, ε).
 *
 * <pre>
 *   loss = σ(βh) [log σ(βh) − log(1 − ε)] + σ(−βh) [log σ(−βh) − log ε]
 * </pre>
 *
 * @param beta β > 0
 * @param labelSmoothing ε in (0, 0.5); the paper takes 1e-3
 */
public record ExoPair(double beta, double labelSmoothing, Divergence divergence) implements DifferenceObjective {
    public ExoPair {
        Check.beta(beta);
        Check.that(
                labelSmoothing > 0 && labelSmoothing < 0.5,
                "label_smoothing",
                labelSmoothing,
                "a number above 0, below 0.5 for exo_pair, usually 1e-3");
    }

    @Override
    public double loss(double h, Pair pair) {
        double z = beta * h;
        return Logistic.sigmoid(z) * (Logistic.logSigmoid(z) - StrictMath.log1p(-labelSmoothing))
                + Logistic.sigmoid(-z) * (Logistic.logSigmoid(-z) - StrictMath.log(labelSmoothing));
    }

    /** σ(z) σ(−z) [z − log((1 − ε)/ε)]: log σ(z) − log σ(−z) = z, and the other terms cancel. */
    @Override
    public double slope(double h, Pair pair) {
        double z = beta * h;
        double logOdds = StrictMath.log1p(-labelSmoothing) - StrictMath.log(labelSmoothing);
        return beta * Logistic.sigmoid(z) * Logistic.sigmoid(-z) * (z - logOdds);
    }
}
