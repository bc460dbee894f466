package org.align4j.objective;

/**
 * The hinge loss of SLiC (Zhao et al. 2023, *SLiC-HF*) on log-ratios, as RSO normalises it (Liu et al. 2023,
 * *Statistical Rejection Sampling Improves Preference Optimization*): loss = max(0, 1 − β h). At the corner
 * the slope is 0, as in PyTorch.
 *
 * @param beta β > 0, the reciprocal of the margin
 */
public record Hinge(double beta, Divergence divergence) implements DifferenceObjective {
    public Hinge {
        Check.beta(beta);
    }

    @Override
    public double loss(double h, Pair pair) {
        return Math.max(0, 1 - beta * h);
    }

    @Override
    public double slope(double h, Pair pair) {
        return 1 - beta * h > 0 ? -beta : 0;
    }
}
