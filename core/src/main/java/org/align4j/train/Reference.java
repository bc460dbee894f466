package org.align4j.train;

import org.align4j.data.PackedBatch;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;

/** Where log π_ref comes from. */
public interface Reference {
    /** Sums of log-probabilities, one for each branch of the batch, nats. */
    double[] branchSums(PackedBatch batch);

    /** A frozen model that is asked every time. */
    static Reference live(CausalLm model) {
        return batch -> LogProbs.score(model, batch).branchSums(batch);
    }
}
