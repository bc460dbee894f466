package org.align4j.objective;

/**
 * DPO with ties after Rao and Kupper 1967 (*Ties in Paired-Comparison Experiments*; Chen et al. 2024, *On
 * Extending Direct Preference Optimization to Accommodate Ties*): a difference below log ν is not noticed.
 *
 * <pre>
 *   better: −log σ(β h − log ν)
 *   tied:   −log σ(β h − log ν) − log σ(−β h − log ν) − log(ν² − 1)
 * </pre>
 *
 * @param beta β > 0
 * @param nu ν > 1; 3 says that every second pair of equals is a tie
 */
public record RaoKupper(double beta, double nu) implements PairObjective {
    public RaoKupper {
        Check.beta(beta);
        Check.that(nu > 1 && !Double.isInfinite(nu), "tie_nu", nu, "a number above 1 for rao_kupper, usually 3");
    }

    @Override
    public boolean judgesTies() {
        return true;
    }

    @Override
    public boolean worksWithoutReference() {
        return true;
    }

    @Override
    public PairLoss of(Pair pair) {
        double z = beta * pair.difference();
        double threshold = StrictMath.log(nu);
        double better = Logistic.softplus(threshold - z);
        double slope = -beta * Logistic.sigmoid(threshold - z);
        if (!pair.tied()) {
            return PairLoss.ofDifference(better, slope);
        }
        double tied = better + Logistic.softplus(threshold + z) - StrictMath.log((nu - 1) * (nu + 1));
        return PairLoss.ofDifference(tied, slope + beta * Logistic.sigmoid(threshold + z));
    }
}
