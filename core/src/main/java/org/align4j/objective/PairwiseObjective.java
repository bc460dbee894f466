package org.align4j.objective;

import org.align4j.tensor.Tensor;

/** A loss of pairs "chosen is better than rejected". Pure: no state, no model, no reduction over pairs. */
public sealed interface PairwiseObjective permits Dpo {

    /** The strength β of the KL constraint; rewards are β · log(π/π_ref). */
    double beta();

    /**
     * The loss of each pair.
     *
     * @return (pairs), float64, nats
     */
    Tensor losses(PairLogps pairs);
}
