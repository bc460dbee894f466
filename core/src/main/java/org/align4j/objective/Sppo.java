package org.align4j.objective;

/**
 * Self-Play Preference Optimization with hard labels (Wu et al. 2024, *Self-Play Preference Optimization for Language
 * Model Alignment*, equation 4.7 with P = 1 and 0, divided by its η² = 1/β²): each log-ratio regresses onto its own
 * target.
 *
 * <pre>
 *   loss = (log(π/π_ref)(y_w) − 1/(2β))² + (log(π/π_ref)(y_l) + 1/(2β))²
 * </pre>
 *
 * @param beta β > 0
 */
public record Sppo(double beta) implements PairObjective {
    public Sppo {
        Check.beta(beta);
    }

    @Override
    public PairLoss of(Pair pair) {
        double chosenError = pair.chosenRatio() - 0.5 / beta;
        double rejectedError = pair.rejectedRatio() + 0.5 / beta;
        return new PairLoss(
                chosenError * chosenError + rejectedError * rejectedError, 2 * chosenError, 2 * rejectedError);
    }
}
