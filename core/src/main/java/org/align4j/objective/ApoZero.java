package org.align4j.objective;

/**
 * Anchored Preference Optimization for chosen completions that are better than what the model writes (D'Oosterlinck et al.
 * 2024, *Anchored Preference Optimization and Contrastive Revisions*, equation 7): chosen up, rejected down.
 *
 * <pre>
 *   loss = [1 − σ(β log(π/π_ref)(y_w))] + σ(β log(π/π_ref)(y_l))
 * </pre>
 *
 * @param beta β > 0
 */
public record ApoZero(double beta) implements PairObjective {
    public ApoZero {
        Check.beta(beta);
    }

    @Override
    public PairLoss of(Pair pair) {
        double c = beta * pair.chosenRatio();
        double r = beta * pair.rejectedRatio();
        return new PairLoss(
                Logistic.sigmoid(-c) + Logistic.sigmoid(r),
                -beta * Logistic.sigmoid(c) * Logistic.sigmoid(-c),
                beta * Logistic.sigmoid(r) * Logistic.sigmoid(-r));
    }
}
