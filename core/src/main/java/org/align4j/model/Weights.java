package org.align4j.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.align4j.tensor.Tensor;

/**
 * A model's tensors by their Hugging Face names, in the type the model computes in. Families compute their linear layers
 * through {@link #linear} and {@link #conv}, which is where an adapter ({@link Lora}) adds its part.
 */
public interface Weights {
    Tensor get(String name);

    /** The embeddings of a batch's tokens, (tokens, hidden), as they go into the model: where noise is added. */
    default Tensor embedded(Tensor x) {
        return x;
    }

    /**
     * One block of the model: where what is needed between forward and backward pass may be dropped ({@link Recomputation}).
     *
     * @param x (tokens, hidden)
     * @param compute of these weights, x and nothing else that is trained
     */
    default Tensor block(Tensor x, UnaryOperator<Tensor> compute) {
        return compute.apply(x);
    }

    /**
     * {@code x · weightᵀ + bias}.
     *
     * @param name of the layer: its weight (out, in) is {@code name.weight}
     * @param x (tokens, in)
     * @return (tokens, out)
     */
    default Tensor linear(String name, Tensor x, boolean bias) {
        return x.linear(get(name + ".weight"), bias ? get(name + ".bias") : null);
    }

    /** Layers of one input: what {@link #linear(String, Tensor, boolean)} gives for each. */
    default Tensor[] linear(List<String> names, Tensor x, boolean bias) {
        Tensor[] outputs = new Tensor[names.size()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = linear(names.get(i), x, bias);
        }
        return outputs;
    }

    /** A gated feed-forward block of three layers, {@code down(activation(gate(x)) · up(x))}: (tokens, in) to (tokens, out). */
    default Tensor gated(List<String> gateUpDown, UnaryOperator<Tensor> activation, Tensor x, boolean bias) {
        Tensor[] gateAndUp = linear(gateUpDown.subList(0, 2), x, bias);
        return linear(gateUpDown.get(2), activation.apply(gateAndUp[0]).mul(gateAndUp[1]), bias);
    }

    /**
     * {@link #linear(String, Tensor, boolean)} without a bias for some tokens of the batch, as an expert computes.
     *
     * @param x (rows, in)
     * @param tokens (rows), which token of the batch each row of {@code x} belongs to
     */
    default Tensor linear(String name, Tensor x, Tensor tokens) {
        return linear(name, x, false);
    }

    /** The layer that turns hidden states (rows, hidden) into logits, whose weight may be the embedding's. */
    default Tensor head(Architecture architecture, Tensor x) {
        return x.linear(
                get(architecture.head()), architecture.headBias().map(this::get).orElse(null));
    }

    /** The same for a weight that lies (in, out), as GPT-2's do, with a bias. */
    default Tensor conv(String name, Tensor x) {
        return Tensor.addMatmul(get(name + ".bias"), x, get(name + ".weight"));
    }
}
