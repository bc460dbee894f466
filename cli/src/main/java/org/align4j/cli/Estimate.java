package org.align4j.cli;

import java.util.Locale;

/** A mean over independent samples with its standard error. */
record Estimate(double mean, double standardError) {

    static Estimate of(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Estimate(mean, Math.sqrt(squares / (values.length - 1) / values.length));
    }

    /** For a table: mean ± standard error, both times a factor. */
    String show(double factor, int digits) {
        return String.format(
                Locale.ROOT, "%." + digits + "f ± %." + digits + "f", mean * factor, standardError * factor);
    }
}
