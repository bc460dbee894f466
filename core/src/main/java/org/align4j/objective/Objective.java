package org.align4j.objective;

import java.util.Set;

/**
 * A loss of rankings, and its gradient, in plain double arithmetic: the tensors end where log-probabilities begin. Pure:
 * what is carried from step to step goes in and out by {@link Batch#memory} and {@link Losses#memory}.
 */
public interface Objective {

    Losses losses(Batch batch);

    /** What a batch must hold for it. */
    Set<Need> needs();

    /** The reward that metrics show: β · log(π/π_ref), or what takes its place. */
    double reward(double logp, double referenceLogp, int length);

    /** Numbers in its memory. */
    default int memorySize() {
        return 0;
    }
}
