package org.align4j.objective;

/** A loss of pairs "chosen is better than rejected"; {@link OverPairs} makes an {@link Objective} of it. */
public interface PairObjective {

    /** β: rewards are β · log(π/π_ref). */
    double beta();

    PairLoss of(Pair pair);

    /** Whether it has a loss for tied pairs, too. */
    default boolean judgesTies() {
        return false;
    }

    default boolean needsReference() {
        return true;
    }

    /** Whether it means something where log π_ref counts as 0: those that only know the difference of log-ratios. */
    default boolean worksWithoutReference() {
        return false;
    }

    /** Whether it needs the scores of the data. */
    default boolean needsScores() {
        return false;
    }

    default double reward(double logp, double referenceLogp, int length) {
        return beta() * (logp - referenceLogp);
    }
}
