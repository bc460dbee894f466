package org.align4j.model;

import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.tensor.Crew;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/** A causal language model: an architecture with its weights, and perhaps an adapter over them. */
public final class CausalLm implements AutoCloseable {
    private final Architecture architecture;
    private final Parameters parameters;
    private final Weights weights; // the parameters, or what computes their layers faster
    private final Lora lora; // null without an adapter
    private final Runnable release;

    public CausalLm(Architecture architecture, Parameters parameters) {
        this(architecture, parameters, parameters, null, parameters::close);
    }

    private CausalLm(Architecture architecture, Parameters parameters, Weights weights, Lora lora, Runnable release) {
        this.architecture = architecture;
        this.parameters = parameters;
        this.weights = weights;
        this.lora = lora;
        this.release = release;
    }

    /**
     * This model under an adapter, which the result owns. The weights are shared, not copied, and must be frozen: closing
     * this model, not the result, frees them.
     */
    public CausalLm adapted(Lora adapter) {
        if (parameters.trainable()) {
            throw new IllegalArgumentException("the weights under an adapter must be frozen");
        }
        return new CausalLm(architecture, parameters, weights, adapter, adapter::close);
    }

    /** The same model once more, for who will close it: closing the result frees nothing. */
    public CausalLm shared() {
        return new CausalLm(architecture, parameters, weights, lora, () -> {});
    }

    /** The same model, without gradients, with these layers of it and a crew to compute them; closing it frees nothing. */
    public CausalLm by(Crew crew, SplitLayers layers) {
        return new CausalLm(architecture, parameters, layers.by(crew), lora, () -> {});
    }

    public Architecture architecture() {
        return architecture;
    }

    /** The weights without the adapter. */
    public Parameters parameters() {
        return parameters;
    }

    public Optional<Lora> lora() {
        return Optional.ofNullable(lora);
    }

    /** What gets gradients: the adapter if there is one, else the weights. */
    public Parameters trained() {
        return lora == null ? parameters : lora.parameters();
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
        return weights.head(architecture, hidden).to(Dtype.F32).softCap(architecture.logitCap());
    }

    /** Hidden states of a packed batch, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch) {
        return hidden(Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    /** Hidden states of a packed batch with the adapter's dropout, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch, long dropoutSeed) {
        if (lora == null || lora.settings().dropout() == 0) {
            return hidden(batch);
        }
        return architecture.hidden(
                lora.over(weights, new Dropout(lora.settings().dropout(), dropoutSeed, batch)),
                Tensor.of(batch.tokens()),
                Tensor.of(batch.positions()),
                new TreeAttention(batch));
    }

    /** Hidden states of a row of tokens, (tokens, hidden), under any attention. */
    public Tensor hidden(Tensor ids, Tensor positions, Attention attention) {
        Weights adapted = lora == null ? weights : lora.over(weights, null);
        return architecture.hidden(adapted, ids, positions, attention);
    }

    @Override
    public void close() {
        release.run();
    }
}
