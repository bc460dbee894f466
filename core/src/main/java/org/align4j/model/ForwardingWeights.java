package org.align4j.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.align4j.tensor.Tensor;

/** Other weights, for who changes a part of them. */
class ForwardingWeights implements Weights {
    private final Weights base;

    ForwardingWeights(Weights base) {
        this.base = base;
    }

    @Override
    public Tensor get(String name) {
        return base.get(name);
    }

    @Override
    public Tensor embedded(Tensor x) {
        return base.embedded(x);
    }

    @Override
    public Tensor block(Tensor x, UnaryOperator<Tensor> compute) {
        return base.block(x, compute);
    }

    @Override
    public Tensor linear(String name, Tensor x, boolean bias) {
        return base.linear(name, x, bias);
    }

    @Override
    public Tensor[] linear(List<String> names, Tensor x, boolean bias) {
        return base.linear(names, x, bias);
    }

    @Override
    public Tensor head(Architecture architecture, Tensor x) {
        return base.head(architecture, x);
    }

    @Override
    public Tensor linear(String name, Tensor x, Tensor tokens) {
        return base.linear(name, x, tokens);
    }

    @Override
    public Tensor conv(String name, Tensor x) {
        return base.conv(name, x);
    }
}
