package org.align4j.train;

/**
 * Learning-rate schedules, all but the constant one with linear warm-up, as transformers defines them.
 *
 * @param kind shape after the warm-up
 * @param peak the learning rate at the end of the warm-up
 * @param warmupSteps steps of linear rise from 0
 * @param totalSteps steps of the whole run
 */
public record Schedule(Kind kind, double peak, int warmupSteps, int totalSteps) {

    /** The shape after the warm-up. */
    public enum Kind {
        /** Stays at the peak, from the first step on. */
        CONSTANT,
        /** Stays at the peak after the warm-up. */
        CONSTANT_WITH_WARMUP,
        /** Falls to 0 in a straight line. */
        LINEAR,
        /** Falls to 0 along half a cosine (Loshchilov and Hutter 2017, without restarts). */
        COSINE
    }

    /** The learning rate of an update; the first is step 0. */
    public double learningRate(int step) {
        if (step < warmupSteps && kind != Kind.CONSTANT) {
            return peak * step / warmupSteps;
        }
        double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        switch (kind) {
            case CONSTANT:
            case CONSTANT_WITH_WARMUP:
                return peak;
            case LINEAR:
                return peak * Math.max(0, 1 - progress);
            case COSINE:
                return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
        }
        throw new AssertionError(kind);
    }
}
