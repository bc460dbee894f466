package org.align4j.objective;

/**
 * Noise Contrastive Alignment of pairs (Chen et al. 2024, *Noise Contrastive Alignment of Language Models with Explicit
 * Rewards*): it also asks for a chosen completion that becomes likelier, not only for a difference.
 *
 * <pre>
 *   c = β log(π/π_ref)(y_w), r likewise
 *   loss = −log σ(c) − ½ log σ(−c) − ½ log σ(−r)
 * </pre>
 *
 * @param beta β > 0
 */
public record NcaPair(double beta) implements PairObjective {
    public NcaPair {
        Check.beta(beta);
    }

    @Override
    public PairLoss of(Pair pair) {
        double c = beta * pair.chosenRatio();
        double r = beta * pair.rejectedRatio();
        return new PairLoss(
                Logistic.softplus(-c) + 0.5 * Logistic.softplus(c) + 0.5 * Logistic.softplus(r),
                beta * (-Logistic.sigmoid(-c) + 0.5 * Logistic.sigmoid(c)),
                beta * 0.5 * Logistic.sigmoid(r));
    }
}
