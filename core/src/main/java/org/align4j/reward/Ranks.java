package org.align4j.reward;

/** Places among the completions of a prompt. */
final class Ranks {
    private Ranks() {}

    /** 1 = highest; equal rewards share the better place. */
    static int of(double[] rewards, int k) {
        int rank = 1;
        for (double other : rewards) {
            rank += other > rewards[k] ? 1 : 0;
        }
        return rank;
    }
}
