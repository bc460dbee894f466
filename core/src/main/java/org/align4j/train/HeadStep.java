package org.align4j.train;

import java.util.Map;
import org.align4j.data.PackedBatch;

/** The loss and the metrics of an optimizer step, or of an evaluation, of a model whose head says a few numbers of a token. */
public interface HeadStep {

    /** Which tokens of a packed batch the head reads, as indices. */
    int[] tokens(PackedBatch packed);

    /**
     * Takes what the head said of these tokens into account.
     *
     * @param outputs (tokens × labels)
     * @return ∂loss/∂outputs
     */
    float[] add(PackedBatch packed, double[] outputs);

    /** Mean over what was added. */
    double loss();

    /** The metrics, with a prefix such as {@code eval_}. */
    Map<String, Object> toMap(String prefix);
}
