package org.align4j.model;

import org.align4j.data.PackedBatch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/** A causal language model: an architecture with its weights. */
public final class CausalLm implements AutoCloseable {
    private final Architecture architecture;
    private final Parameters parameters;

    public CausalLm(Architecture architecture, Parameters parameters) {
        this.architecture = architecture;
        this.parameters = parameters;
    }

    public Architecture architecture() {
        return architecture;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Dtype dtype() {
        return parameters.computeType();
    }

    /** The tensor (vocabulary, hidden) that turns hidden states into logits. */
    public Tensor head() {
        return parameters.get(architecture.head());
    }

    /** Logits of hidden states, in float32: (rows, hidden) to (rows, vocabulary). */
    public Tensor logits(Tensor hidden) {
        Tensor bias = architecture.headBias().map(parameters::get).orElse(null);
        return hidden.linear(head(), bias).to(Dtype.F32).softCap(architecture.logitCap());
    }

    /** Hidden states of a packed batch, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch) {
        return hidden(Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    /** Hidden states of a row of tokens, (tokens, hidden), under any attention. */
    public Tensor hidden(Tensor ids, Tensor positions, Attention attention) {
        return architecture.hidden(parameters, ids, positions, attention);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
