package org.align4j.objective;

/**
 * DPO-Positive (Pal et al. 2024, *Smaug: Fixing Failure Modes of Preference Optimisation with DPO-Positive*):
 * a chosen completion that becomes less likely than under the reference is penalised.
 *
 * <pre>
 *   loss = −log σ(β [h − λ max(0, log(π_ref/π)(y_w))])
 * </pre>
 *
 * @param beta β > 0
 * @param lambda λ ≥ 0; 50 in the paper
 */
public record Dpop(double beta, double lambda) implements PairObjective {
    public Dpop {
        Check.beta(beta);
        Check.notNegative("dpop_lambda", lambda);
    }

    @Override
    public PairLoss of(Pair pair) {
        double fallen = Math.max(0, -pair.chosenRatio());
        double z = beta * (pair.difference() - lambda * fallen);
        double slope = -beta * Logistic.sigmoid(-z);
        return new PairLoss(Logistic.softplus(-z), slope * (fallen > 0 ? 1 + lambda : 1), -slope);
    }
}
