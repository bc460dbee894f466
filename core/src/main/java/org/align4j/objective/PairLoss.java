package org.align4j.objective;

/**
 * The loss of a pair.
 *
 * @param chosenSlope ∂loss/∂log π(y_w|x)
 * @param rejectedSlope ∂loss/∂log π(y_l|x)
 */
public record PairLoss(double loss, double chosenSlope, double rejectedSlope) {

    /** Of a loss that only knows the difference of the two. */
    static PairLoss ofDifference(double loss, double slope) {
        return new PairLoss(loss, slope, -slope);
    }
}
