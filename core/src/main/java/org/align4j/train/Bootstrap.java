package org.align4j.train;

import java.util.SplittableRandom;

/**
 * Which rows each head of an ensemble sees: every row so many times as a Poisson draw of mean 1 says, which is what drawing
 * as many rows as there are, with replacement, comes to (Oza and Russell 2001, *Online Bagging and Boosting*).
 * A head sees the same rows in every epoch.
 *
 * @param on whether there is anything to draw; a single head sees every row once
 */
public record Bootstrap(boolean on, long seed) {
    /** Every row once for every head. */
    public static final Bootstrap OFF = new Bootstrap(false, 0);

    /** How often a head sees a row. */
    public int times(int head, int row) {
        if (!on) {
            return 1;
        }
        SplittableRandom random = new SplittableRandom(new SplittableRandom(seed + head).nextLong() + row);
        int times = 0;
        for (double product = random.nextDouble(); product > 1 / StrictMath.E; product *= random.nextDouble()) {
            times++;
        }
        return times;
    }
}
