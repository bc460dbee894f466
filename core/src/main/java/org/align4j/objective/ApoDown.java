package org.align4j.objective;

/**
 * Anchored Preference Optimization for chosen completions that are worse than what the model writes (D'Oosterlinck et al.
 * 2024, equation 8): chosen down, rejected down further.
 *
 * <pre>
 *   loss = σ(β log(π/π_ref)(y_w)) + [1 − σ(β h)]
 * </pre>
 *
 * @param beta β > 0
 */
public record ApoDown(double beta) implements PairObjective {
    public ApoDown {
        Check.beta(beta);
    }

    @Override
    public PairLoss of(Pair pair) {
        double c = beta * pair.chosenRatio();
        double z = beta * pair.difference();
        double chosen = Logistic.sigmoid(c) * Logistic.sigmoid(-c);
        double difference = Logistic.sigmoid(z) * Logistic.sigmoid(-z);
        return new PairLoss(
                Logistic.sigmoid(c) + Logistic.sigmoid(-z), beta * (chosen - difference), beta * difference);
    }
}
