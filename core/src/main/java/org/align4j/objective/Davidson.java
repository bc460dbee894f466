package org.align4j.objective;

/**
 * DPO with ties after Davidson 1970 (*On Extending the Bradley–Terry Model to Accommodate Ties in Paired Comparison
 * Experiments*; Chen et al. 2024, *On Extending Direct Preference Optimization to Accommodate Ties*).
 *
 * <pre>
 *   z = β h
 *   better: log(1 + e^(−z) + 2ν e^(−z/2))
 *   tied:   log(e^(z/2) + e^(−z/2) + 2ν) − log 2ν
 * </pre>
 *
 * @param beta β > 0
 * @param nu ν > 0; 1 says that every second pair of equals is a tie
 */
public record Davidson(double beta, double nu) implements PairObjective {
    public Davidson {
        Check.beta(beta);
        Check.positive("tie_nu", nu);
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
        // Both share log(e^(z/2) + e^(−z/2) + 2ν), computed with its largest exponential taken out.
        double a = Math.abs(z) / 2;
        double small = StrictMath.exp(-a);
        double rest = small * (small + 2 * nu);
        double total = a + StrictMath.log1p(rest);
        double totalSlope = Math.signum(z) / 2 * (1 - small * small) / (1 + rest);
        return pair.tied()
                ? PairLoss.ofDifference(total - StrictMath.log(2 * nu), beta * totalSlope)
                : PairLoss.ofDifference(total - z / 2, beta * (totalSlope - 0.5));
    }
}
