package org.align4j.model;

import org.align4j.data.PackedBatch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * What a reward model says of every completion of a packed batch, forward and backward: the number that its head makes of
 * the hidden state of the last token. Tokens for padding at the end do not count, as in transformers: where the end-of-text
 * token pads, the last token before it decides.
 */
public final class Rewards {
    private final CausalLm model;
    private final Tensor scores; // (branches, 1), with its graph when training

    private Rewards(CausalLm model, PackedBatch batch, int padId) {
        this.model = model;
        Tensor last = model.hidden(batch).indexSelect(0, Tensor.of(lastTokens(batch, padId)));
        this.scores = model.logits(last);
    }

    /** Scores without a graph, one for each branch; all native memory is freed on return. */
    public static double[] score(CausalLm model, PackedBatch batch, int padId) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            return new Rewards(model, batch, padId).scores();
        }
    }

    /** Scores with a graph, for one {@link #backward}. Call inside a {@link StepScope}. */
    public static Rewards forward(CausalLm model, PackedBatch batch, int padId) {
        return new Rewards(model, batch, padId);
    }

    /** One for each branch. */
    public double[] scores() {
        float[] values = scores.detach().toFloats();
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** Adds the gradient of Σ slopes · scores to the gradients of what is trained. */
    public void backward(float[] slopes) {
        try (StepScope scope = StepScope.open()) {
            scores.backward(Tensor.of(slopes, slopes.length, 1).to(Dtype.F32));
            model.trained().collectGradients();
        }
    }

    private static int[] lastTokens(PackedBatch batch, int padId) {
        int[] last = new int[batch.branchCount()];
        int branch = 0;
        for (PackedBatch.Segment segment : batch.segments()) {
            if (segment.parent() < 0) {
                continue;
            }
            int at = lastToken(batch, segment, padId);
            if (at < segment.start()) {
                PackedBatch.Segment trunk = batch.segments().get(segment.parent());
                int inTrunk = lastToken(batch, trunk, padId);
                at = inTrunk < trunk.start() ? segment.start() : inTrunk;
            }
            last[branch++] = at;
        }
        return last;
    }

    private static int lastToken(PackedBatch batch, PackedBatch.Segment segment, int padId) {
        int at = segment.end() - 1;
        while (at >= segment.start() && batch.tokens()[at] == padId) {
            at--;
        }
        return at;
    }
}
