package org.align4j.train;

import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.model.TokenScores;

/** Metrics of a step or an evaluation, summed over its packed batches, under TRL's names. */
public interface StepMetrics {
    void add(PackedBatch batch, TokenScores scores, StepLoss.Result result);

    /** Mean over the examples, nats. */
    double loss();

    /** All others, with a prefix such as {@code eval_}. */
    Map<String, Object> toMap(String prefix);
}
