package org.align4j.train;

import org.align4j.data.PackedBatch;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;

/** Where log π_ref comes from. */
public interface Reference extends AutoCloseable {
    /** Sums of log-probabilities, one for each branch of the batch, nats. */
    double[] branchSums(PackedBatch batch);

    /** Log-probabilities, one for each prediction of the batch, nats. */
    float[] tokenLogps(PackedBatch batch);

    /** Gives back what it holds. */
    @Override
    default void close() {}

    /** A model that is asked every time; it stays open. */
    static Reference live(CausalLm model) {
        return new Reference() {
            @Override
            public double[] branchSums(PackedBatch batch) {
                return LogProbs.score(model, batch).branchSums(batch);
            }

            @Override
            public float[] tokenLogps(PackedBatch batch) {
                return LogProbs.score(model, batch).logps();
            }
        };
    }

    /** For objectives that need no reference. */
    static Reference none() {
        return new Reference() {
            @Override
            public double[] branchSums(PackedBatch batch) {
                throw new IllegalStateException("an objective that needs no reference asked for it");
            }

            @Override
            public float[] tokenLogps(PackedBatch batch) {
                throw new IllegalStateException("an objective that needs no reference asked for it");
            }
        };
    }
}
