package org.align4j.objective;

import org.align4j.AlignException;

/**
 * The f-divergence that holds the policy to the reference (Wang et al. 2024, *Beyond Reverse KL: Generalizing Direct
 * Preference Optimization with Diverse Divergence Constraints*): f-DPO replaces the log-ratio
 * u = log(π/π_ref) by f′(eᵘ).
 *
 * <pre>
 *   reverse KL       u
 *   forward KL       1 − e⁻ᵘ
 *   Jensen–Shannon   log 2 + log σ(u)
 *   α                (e^((α−1)u) − 1) / (α − 1)
 * </pre>
 *
 * <p>These grow exponentially. Exponents are cut at 80, where the slope becomes 0, as TRL does for α; TRL does not for
 * the forward KL and overflows.
 *
 * @param alpha of the α-divergence
 */
public record Divergence(Kind kind, double alpha) {

    /** Names are TRL's. */
    public enum Kind {
        REVERSE_KL,
        FORWARD_KL,
        JS_DIVERGENCE,
        ALPHA_DIVERGENCE
    }

    public static final Divergence REVERSE_KL = new Divergence(Kind.REVERSE_KL, 0);

    private static final double LARGEST_EXPONENT = 80;

    public Divergence {
        if (!Double.isFinite(alpha)) {
            throw AlignException.usage("f_alpha_divergence_coef is " + alpha + ", expected a finite number");
        }
        if (kind == Kind.ALPHA_DIVERGENCE && Math.abs(alpha - 1) < 1e-6) {
            kind = Kind.REVERSE_KL; // its limit
        }
    }

    boolean isReverseKl() {
        return kind == Kind.REVERSE_KL;
    }

    double score(double u) {
        return switch (kind) {
            case REVERSE_KL -> u;
            case FORWARD_KL -> -StrictMath.expm1(Math.min(-u, LARGEST_EXPONENT));
            case JS_DIVERGENCE -> 0.6931471805599453 + Logistic.logSigmoid(u);
            case ALPHA_DIVERGENCE -> StrictMath.expm1(Math.min((alpha - 1) * u, LARGEST_EXPONENT)) / (alpha - 1);
        };
    }

    double slope(double u) {
        return switch (kind) {
            case REVERSE_KL -> 1;
            case FORWARD_KL -> -u > LARGEST_EXPONENT ? 0 : StrictMath.exp(-u);
            case JS_DIVERGENCE -> Logistic.sigmoid(-u);
            case ALPHA_DIVERGENCE -> (alpha - 1) * u > LARGEST_EXPONENT ? 0 : StrictMath.exp((alpha - 1) * u);
        };
    }
}
