package org.align4j.objective;

import org.align4j.AlignException;

/** Ranges of hyper-parameters, with the names that users know. */
final class Check {
    private Check() {}

    static void that(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw AlignException.usage(key + " is " + value + ", expected " + expected);
        }
    }

    static void beta(double beta) {
        that(beta > 0 && !Double.isInfinite(beta), "beta", beta, "a number above 0, usually 0.1");
    }

    static void labelSmoothing(double labelSmoothing) {
        that(
                labelSmoothing >= 0 && labelSmoothing < 0.5,
                "label_smoothing",
                labelSmoothing,
                "the probability that a label is wrong: 0 or more, below 0.5");
    }

    static void notNegative(String key, double value) {
        that(value >= 0 && !Double.isInfinite(value), key, value, "0 or more");
    }

    static void positive(String key, double value) {
        that(value > 0 && !Double.isInfinite(value), key, value, "a number above 0");
    }
}
