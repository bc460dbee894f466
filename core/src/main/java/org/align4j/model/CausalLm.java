package org.align4j.model;

import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/** A causal language model: an architecture with its weights, and perhaps an adapter over them. */
public final class CausalLm implements AutoCloseable {
    private final Architecture architecture;
    private final Parameters parameters;
    private final Lora lora; // null without an adapter
    private final double noise; // NEFTune's α, 0 for none
    private final Runnable release;

    public CausalLm(Architecture architecture, Parameters parameters) {
        this(architecture, parameters, null, 0, parameters::close);
    }

    private CausalLm(Architecture architecture, Parameters parameters, Lora lora, double noise, Runnable release) {
        this.architecture = architecture;
        this.parameters = parameters;
        this.lora = lora;
        this.noise = noise;
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
        return new CausalLm(architecture, parameters, adapter, noise, adapter::close);
    }

    /** The same model, in whose place the result is to be closed, with NEFTune's noise in training. */
    public CausalLm noisy(double alpha) {
        return new CausalLm(architecture, parameters, lora, alpha, release);
    }

    /** The same model once more, for who will close it: closing the result frees nothing. */
    public CausalLm shared() {
        return new CausalLm(architecture, parameters, lora, noise, () -> {});
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
        return weight(architecture.head());
    }

    private Tensor weight(String name) {
        return lora == null ? parameters.get(name) : lora.own(name).orElseGet(() -> parameters.get(name));
    }

    /** Logits of hidden states, in float32: (rows, hidden) to (rows, vocabulary). */
    public Tensor logits(Tensor hidden) {
        Tensor bias = architecture.headBias().map(this::weight).orElse(null);
        return hidden.linear(head(), bias).to(Dtype.F32).softCap(architecture.logitCap());
    }

    /** Hidden states of a packed batch, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch) {
        return hidden(Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    /** Hidden states of a packed batch as in training, with noise and the adapter's dropout, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch, long seed) {
        Weights weights = parameters;
        if (lora != null) {
            double dropout = lora.settings().dropout();
            weights = lora.over(weights, dropout == 0 ? null : new Dropout(dropout, seed, batch));
        }
        if (noise > 0) {
            weights = new EmbeddingNoise(noise, seed, batch).over(weights);
        }
        return architecture.hidden(
                weights, Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    /** Hidden states of a row of tokens, (tokens, hidden), under any attention. */
    public Tensor hidden(Tensor ids, Tensor positions, Attention attention) {
        Weights weights = lora == null ? parameters : lora.over(parameters, null);
        return architecture.hidden(weights, ids, positions, attention);
    }

    @Override
    public void close() {
        release.run();
    }
}
