package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Tensor;

/** A gated feed-forward block (Shazeer 2020): down(activation(gate(x)) · up(x)), named as Llama's. */
record GatedFeedForward(int width, Activation activation, boolean bias) {

    static GatedFeedForward of(HfConfig config, Activation activation, boolean bias) {
        return new GatedFeedForward(config.requireInt("intermediate_size"), activation, bias);
    }

    void put(Shapes shapes, String name, long hidden) {
        shapes.linear(name + "gate_proj", width, hidden, bias);
        shapes.linear(name + "up_proj", width, hidden, bias);
        shapes.linear(name + "down_proj", hidden, width, bias);
    }

    /** (tokens, hidden) to the same. */
    Tensor apply(Weights weights, String name, Tensor x) {
        List<String> gateUpDown = List.of(name + "gate_proj", name + "up_proj", name + "down_proj");
        return weights.gated(gateUpDown, activation::apply, x, bias);
    }
}
