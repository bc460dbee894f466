package org.align4j.objective;

/**
 * R-DPO (Park et al. 2024, *Disentangling Length from Quality in Direct Preference Optimization*): a part of
 * the preference is put down to length, so less of it is left to learn where the chosen completion is longer.
 *
 * <pre>
 *   loss = −log σ(β h + α (|y_w| − |y_l|))
 * </pre>
 *
 * @param beta β > 0
 * @param alpha α ≥ 0 per token
 */
public record LengthPenaltyDpo(double beta, double alpha) implements DifferenceObjective {
    public LengthPenaltyDpo {
        Check.beta(beta);
        Check.notNegative("rdpo_alpha", alpha);
    }

    @Override
    public Divergence divergence() {
        return Divergence.REVERSE_KL;
    }

    private double logit(double h, Pair pair) {
        return beta * h + alpha * (pair.chosenLength() - pair.rejectedLength());
    }

    @Override
    public double loss(double h, Pair pair) {
        return Logistic.softplus(-logit(h, pair));
    }

    @Override
    public double slope(double h, Pair pair) {
        return -beta * Logistic.sigmoid(-logit(h, pair));
    }
}
