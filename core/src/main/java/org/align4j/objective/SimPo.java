package org.align4j.objective;

/**
 * SimPO (Meng et al. 2024, *SimPO: Simple Preference Optimization with a Reference-Free Reward*, equation 6) and AlphaPO
 * (Gupta et al. 2025, *AlphaPO: Reward Shape Matters for LLM Alignment*), smoothed as {@link Dpo}.
 *
 * <pre>
 *   p    = log π(y|x)/|y|
 *   r    = p                          for α = 0
 *        = (1 − e^(−α p)) / α         else
 *   loss = −log σ(β [r(y_w) − r(y_l)] − γ)
 * </pre>
 *
 * <p>The exponent is cut at 80, where the slope becomes 0. TRL's CPOTrainer adds {@code cpo_alpha} · NLL also here, so
 * that SimPO needs {@code cpo_alpha: 0} there; here it is SimPO as it stands, and the NLL is asked for with
 * {@code loss_type: simpo,sft}. γ is TRL's; the paper's γ/β is open-instruct's {@code gamma_beta_ratio}.
 *
 * @param beta β > 0, usually 2 to 10
 * @param gamma γ ≥ 0
 * @param alpha α
 * @param labelSmoothing ε in [0, 0.5)
 */
public record SimPo(double beta, double gamma, double alpha, double labelSmoothing) implements PairObjective {
    private static final double LARGEST_EXPONENT = 80;

    public SimPo {
        Check.beta(beta);
        Check.notNegative("simpo_gamma", gamma);
        Check.that(Double.isFinite(alpha), "alphapo_alpha", alpha, "a finite number, 0 for SimPO");
        Check.labelSmoothing(labelSmoothing);
    }

    @Override
    public boolean needsReference() {
        return false;
    }

    private double shaped(double p) {
        return alpha == 0 ? p : -StrictMath.expm1(Math.min(-alpha * p, LARGEST_EXPONENT)) / alpha;
    }

    private double shapedSlope(double p) {
        return alpha == 0 ? 1 : -alpha * p > LARGEST_EXPONENT ? 0 : StrictMath.exp(-alpha * p);
    }

    @Override
    public PairLoss of(Pair pair) {
        double chosen = pair.policyChosen() / pair.chosenDivisor();
        double rejected = pair.policyRejected() / pair.rejectedDivisor();
        double z = beta * (shaped(chosen) - shaped(rejected)) - gamma;
        double slope = beta * (-(1 - labelSmoothing) * Logistic.sigmoid(-z) + labelSmoothing * Logistic.sigmoid(z));
        return new PairLoss(
                (1 - labelSmoothing) * Logistic.softplus(-z) + labelSmoothing * Logistic.softplus(z),
                slope * shapedSlope(chosen) / pair.chosenDivisor(),
                -slope * shapedSlope(rejected) / pair.rejectedDivisor());
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * shaped(logp / Math.max(1, length));
    }
}
