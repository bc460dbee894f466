package org.align4j.objective;

/**
 * The odds ratio term of ORPO (Hong et al. 2024, *ORPO: Monolithic Preference Optimization without Reference Model*,
 * equations 4 and 7), with the mean log-probability per token for log P.
 *
 * <pre>
 *   odds = P / (1 − P)     loss = −log σ(log odds(y_w) − log odds(y_l))
 * </pre>
 *
 * @param beta only scales the rewards of the metrics; the weight λ of this term is that of the mixture
 */
public record OddsRatio(double beta) implements PairObjective {
    /** Where a completion is certain its odds are infinite: log P = 0 counts as this, half a rounding of float32. */
    private static final double LARGEST_LOGP = -3e-8;

    public OddsRatio {
        Check.beta(beta);
    }

    @Override
    public boolean needsReference() {
        return false;
    }

    @Override
    public PairLoss of(Pair pair) {
        double chosen = mean(pair.policyChosen(), pair.chosenDivisor());
        double rejected = mean(pair.policyRejected(), pair.rejectedDivisor());
        double logOdds = (chosen - rejected) - (Logistic.log1mExp(chosen) - Logistic.log1mExp(rejected));
        double slope = -Logistic.sigmoid(-logOdds);
        return new PairLoss(
                Logistic.softplus(-logOdds),
                slope * logOddsSlope(chosen) / pair.chosenDivisor(),
                -slope * logOddsSlope(rejected) / pair.rejectedDivisor());
    }

    private static double mean(double logp, double divisor) {
        return Math.min(logp / divisor, LARGEST_LOGP);
    }

    /** ∂/∂log P of log P − log(1 − P): 1 / (1 − P). */
    private static double logOddsSlope(double logp) {
        return logp == LARGEST_LOGP ? 0 : -1 / StrictMath.expm1(logp);
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * logp / Math.max(1, length);
    }
}
