package org.align4j.objective;

/**
 * Identity Preference Optimization (Azar et al. 2023, *A General Theoretical Paradigm to Understand Learning from Human
 * Preferences*, equation 17, with β for τ): regression of the log-ratio difference onto 1/(2β), which does not run away
 * where preferences are certain.
 *
 * <pre>
 *   loss = (d − 1/(2β))²     d = h, or log-ratios per token
 * </pre>
 *
 * <p>Per token is what TRL (after asking the authors) and LLaMA-Factory do and is the default; OpenRLHF and the DPO
 * authors' code sum.
 *
 * @param beta β > 0
 * @param averaged log-ratios per token
 */
public record Ipo(double beta, boolean averaged, Divergence divergence) implements DifferenceObjective {
    public Ipo {
        Check.beta(beta);
    }

    @Override
    public double loss(double d, Pair pair) {
        double error = d - 1 / (2 * beta);
        return error * error;
    }

    @Override
    public double slope(double d, Pair pair) {
        return 2 * (d - 1 / (2 * beta));
    }
}
