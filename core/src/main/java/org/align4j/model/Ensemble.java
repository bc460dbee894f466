package org.align4j.model;

/** What the heads of a reward model say together of each completion. */
public final class Ensemble {
    private Ensemble() {}

    /**
     * Means over heads.
     *
     * @param rewards by head and completion
     */
    public static double[] means(double[][] rewards) {
        double[] means = new double[rewards[0].length];
        for (double[] head : rewards) {
            for (int i = 0; i < means.length; i++) {
                means[i] += head[i] / rewards.length;
            }
        }
        return means;
    }

    /** How far heads are apart: standard deviations (n − 1) over them; 0 of a single head. */
    public static double[] deviations(double[][] rewards) {
        double[] means = means(rewards);
        double[] deviations = new double[means.length];
        for (int i = 0; rewards.length > 1 && i < means.length; i++) {
            double squares = 0;
            for (double[] head : rewards) {
                squares += (head[i] - means[i]) * (head[i] - means[i]);
            }
            deviations[i] = Math.sqrt(squares / (rewards.length - 1));
        }
        return deviations;
    }
}
