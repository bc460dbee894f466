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
    private final double noise; // NEFTune's α, 0 for none
    private final Runnable release;

    public CausalLm(Architecture architecture, Parameters parameters) {
        this(architecture, parameters, parameters, null, 0, parameters::close);
    }

    /** A frozen model in four bits. */
    public CausalLm(Architecture architecture, FourBitWeights weights) {
        this(architecture, weights.others(), weights, null, 0, weights::close);
    }

    private CausalLm(
            Architecture architecture,
            Parameters parameters,
            Weights weights,
            Lora lora,
            double noise,
            Runnable release) {
        this.architecture = architecture;
        this.parameters = parameters;
        this.weights = weights;
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
        return new CausalLm(architecture, parameters, weights, adapter, noise, adapter::close);
    }

    /** The same model, in whose place the result is to be closed, with NEFTune's noise in training. */
    public CausalLm noisy(double alpha) {
        return new CausalLm(architecture, parameters, weights, lora, alpha, release);
    }

    /** The same model once more, for who will close it: closing the result frees nothing. */
    public CausalLm shared() {
        return new CausalLm(architecture, parameters, weights, lora, noise, () -> {});
    }

    /** The same model, without gradients, with these layers of it and a crew to compute them; closing it frees nothing. */
    public CausalLm by(Crew crew, SplitLayers layers) {
        return new CausalLm(architecture, parameters, layers.by(crew), lora, noise, () -> {});
    }

    public Architecture architecture() {
        return architecture;
    }

    /** The weights without the adapter, but those in four bits. */
    public Parameters parameters() {
        return parameters;
    }

    /** Number of weights, without the adapter's. */
    public long count() {
        return Parameters.count(architecture.tensors());
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
        Optional<Tensor> own = lora == null ? Optional.empty() : lora.own(architecture.head());
        Tensor logits = own.isEmpty()
                ? weights.head(architecture, hidden)
                : hidden.linear(
                        own.get(), architecture.headBias().map(this::weight).orElse(null));
        return logits.to(Dtype.F32).softCap(architecture.logitCap());
    }

    /** Hidden states of a packed batch, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch) {
        return hidden(Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    /** Hidden states of a packed batch as in training, with noise and the adapter's dropout, (tokens, hidden). */
    public Tensor hidden(PackedBatch batch, long seed) {
        return hidden(batch, inTraining(batch, seed));
    }

    /** The same for a backward pass, which ends with that of {@code later}. */
    Tensor hidden(PackedBatch batch, long seed, Recomputation later) {
        Weights seen = inTraining(batch, seed);
        return hidden(batch, weights instanceof FourBitWeights ? later.over(seen) : seen);
    }

    private Tensor hidden(PackedBatch batch, Weights seen) {
        return architecture.hidden(
                seen, Tensor.of(batch.tokens()), Tensor.of(batch.positions()), new TreeAttention(batch));
    }

    private Weights inTraining(PackedBatch batch, long seed) {
        Weights seen = weights;
        if (lora != null) {
            double dropout = lora.settings().dropout();
            seen = lora.over(seen, dropout == 0 ? null : new Dropout(dropout, seed, batch));
        }
        if (noise > 0) {
            seen = new EmbeddingNoise(noise, seed, batch).over(seen);
        }
        return seen;
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
