package org.align4j.model;

import org.align4j.data.PackedBatch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** What a reward model's head says at some tokens of a packed batch, forward and backward. */
public final class HeadOutputs {
    private final CausalLm model;
    private final Tensor outputs; // (tokens, labels), float32, with its graph when training
    private final Recomputation later; // what follows the backward pass of that graph

    private HeadOutputs(CausalLm model, Tensor hidden, Recomputation later, int[] tokens) {
        this.model = model;
        this.later = later;
        this.outputs = model.logits(hidden.indexSelect(0, Tensor.of(tokens)));
    }

    /**
     * Without a graph; all native memory is freed on return.
     *
     * @param tokens indices in the batch
     * @return (tokens × labels), one token after the other
     */
    public static double[] score(CausalLm model, PackedBatch batch, int[] tokens) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            return new HeadOutputs(model, model.hidden(batch), new Recomputation(), tokens).values();
        }
    }

    /** With a graph and the dropout of the model's adapter, for one {@link #backward}. Call inside a {@link StepScope}. */
    public static HeadOutputs forward(CausalLm model, PackedBatch batch, int[] tokens, long dropoutSeed) {
        Recomputation later = new Recomputation();
        return new HeadOutputs(model, model.hidden(batch, dropoutSeed, later), later, tokens);
    }

    /** (tokens × labels), one token after the other. */
    public double[] values() {
        float[] values = outputs.detach().toFloats();
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** Adds the gradient of Σ slopes · values to the gradients of what is trained. */
    public void backward(float[] slopes) {
        try (StepScope scope = StepScope.open()) {
            outputs.backward(Tensor.of(slopes, outputs.shape()).to(Dtype.F32));
            later.backward();
            model.trained().collectGradients();
        }
    }
}
