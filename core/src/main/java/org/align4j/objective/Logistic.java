package org.align4j.objective;

/**
 * The logistic function and its relatives, without overflow or cancellation for any finite argument. StrictMath, so that
 * a loss has the same bits on every machine.
 */
public final class Logistic {
    private Logistic() {}

    /** log(1 + eˣ) = −log σ(−x). */
    public static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    /** σ(x) = 1 / (1 + e⁻ˣ). */
    public static double sigmoid(double x) {
        double z = StrictMath.exp(-Math.abs(x));
        return x < 0 ? z / (1 + z) : 1 - z / (1 + z);
    }

    /** log σ(x). */
    public static double logSigmoid(double x) {
        return -softplus(-x);
    }

    /** log(1 − eˣ) for x ≤ 0 (Mächler 2012). */
    public static double log1mExp(double x) {
        return x > -0.6931471805599453 ? StrictMath.log(-StrictMath.expm1(x)) : StrictMath.log1p(-StrictMath.exp(x));
    }
}
