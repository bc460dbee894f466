package org.align4j.objective;

/** A loss of one number: the difference d of the scores of the two completions, each perhaps divided by its length. */
public interface DifferenceObjective extends PairObjective {

    /** What takes the place of the log-ratio. */
    Divergence divergence();

    /** Whether d = s_w/|y_w| − s_l/|y_l| and not s_w − s_l. */
    default boolean averaged() {
        return false;
    }

    double loss(double d, Pair pair);

    /** ∂loss/∂d. */
    double slope(double d, Pair pair);

    @Override
    default PairLoss of(Pair pair) {
        if (divergence().isReverseKl() && !averaged()) {
            return PairLoss.ofDifference(loss(pair.difference(), pair), slope(pair.difference(), pair));
        }
        double chosenShare = averaged() ? 1 / pair.chosenDivisor() : 1;
        double rejectedShare = averaged() ? 1 / pair.rejectedDivisor() : 1;
        double d = divergence().score(pair.chosenRatio()) * chosenShare
                - divergence().score(pair.rejectedRatio()) * rejectedShare;
        double slope = slope(d, pair);
        return new PairLoss(
                loss(d, pair),
                slope * divergence().slope(pair.chosenRatio()) * chosenShare,
                -slope * divergence().slope(pair.rejectedRatio()) * rejectedShare);
    }

    @Override
    default boolean worksWithoutReference() {
        return divergence().isReverseKl();
    }
}
