package org.align4j.objective;

/**
 * Direct Preference Optimization (Rafailov et al. 2023, equation 7), with the label smoothing of conservative DPO
 * (Mitchell 2023, equation 3: a pair is mislabelled with probability ε) and with margins m from the data (Touvron et al.
 * 2023, *Llama 2*, equation 2; Amini et al. 2024, *Direct Preference Optimization with an Offset*).
 *
 * <pre>
 *   h    = [log π(y_w|x) − log π(y_l|x)] − [log π_ref(y_w|x) − log π_ref(y_l|x)]
 *   z    = β h − c m
 *   loss = −(1 − ε) log σ(z) − ε log σ(−z)
 * </pre>
 *
 * <p>With policy = reference and no margin the loss is ln 2, whatever β and ε. The smoothing is that of the DPO authors,
 * OpenRLHF, torchtune and TRL up to 0.28; newer TRL ignores {@code label_smoothing} here without a word.
 *
 * @param beta β > 0: how strongly the policy is held to the reference
 * @param labelSmoothing ε in [0, 0.5)
 * @param marginCoef c ≥ 0; 0 ignores margins
 * @param divergence what replaces h: see there
 */
public record Dpo(double beta, double labelSmoothing, double marginCoef, Divergence divergence)
        implements DifferenceObjective {
    public Dpo {
        Check.beta(beta);
        Check.labelSmoothing(labelSmoothing);
        Check.notNegative("margin_coef", marginCoef);
    }

    public Dpo(double beta, double labelSmoothing) {
        this(beta, labelSmoothing, 0, Divergence.REVERSE_KL);
    }

    private double logit(double h, Pair pair) {
        return marginCoef == 0 ? h * beta : h * beta - marginCoef * pair.margin();
    }

    @Override
    public double loss(double h, Pair pair) {
        double z = logit(h, pair);
        return (1 - labelSmoothing) * Logistic.softplus(-z) + labelSmoothing * Logistic.softplus(z);
    }

    @Override
    public double slope(double h, Pair pair) {
        double z = logit(h, pair);
        return (-(1 - labelSmoothing) * Logistic.sigmoid(-z) + labelSmoothing * Logistic.sigmoid(z)) * beta;
    }

    @Override
    public boolean needsScores() {
        return marginCoef != 0;
    }
}
