package org.align4j.model;

import java.util.Arrays;
import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Log-probabilities of completion tokens, forward and backward, without ever holding a (tokens × vocabulary) tensor.
 *
 * <p>Only hidden states that predict a completion token meet the head, and they do so in slices. A slice's logits are
 * dropped after the forward pass and computed again for the backward pass, where the gradient is written down directly:
 * for ℓ = log softmax(z)[y], ∂ℓ/∂z = onehot(y) − softmax(z). One more head product buys all that memory.
 */
public final class LogProbs {
    /** Elements of one slice of logits: 64 MiB of float32. */
    private static final long SLICE_ELEMENTS = 16L << 20;

    private final CausalLm model;
    private final PackedBatch batch;
    private final Tensor hidden; // (tokens, hidden), with its graph when training
    private final Recomputation later; // what follows the backward pass of that graph
    private final TokenScores scores;

    private LogProbs(CausalLm model, PackedBatch batch, Tensor hidden, boolean collisions) {
        this(model, batch, hidden, new Recomputation(), collisions);
    }

    private LogProbs(CausalLm model, PackedBatch batch, Tensor hidden, Recomputation later, boolean collisions) {
        this.model = model;
        this.batch = batch;
        this.hidden = hidden;
        this.later = later;
        this.scores = score(collisions);
    }

    /** Scores without a graph; all native memory is freed on return. */
    public static TokenScores score(CausalLm model, PackedBatch batch) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            return new LogProbs(model, batch, model.hidden(batch), false).scores;
        }
    }

    /** What {@link #forward(CausalLm, PackedBatch, long, boolean)} scores, without a graph. */
    public static TokenScores score(CausalLm model, PackedBatch batch, long dropoutSeed, boolean collisions) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            return new LogProbs(model, batch, model.hidden(batch, dropoutSeed), collisions).scores;
        }
    }

    /** {@link #score(CausalLm, PackedBatch)}, perhaps with {@link TokenScores#collisions}. */
    public static TokenScores score(CausalLm model, PackedBatch batch, boolean collisions) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            return new LogProbs(model, batch, model.hidden(batch), collisions).scores;
        }
    }

    /** Scores with a graph, for one {@link #backward}. Call inside a {@link StepScope}. */
    public static LogProbs forward(CausalLm model, PackedBatch batch) {
        return new LogProbs(model, batch, model.hidden(batch), false);
    }

    /** {@link #forward(CausalLm, PackedBatch)} with the dropout of the model's adapter, if it has one. */
    public static LogProbs forward(CausalLm model, PackedBatch batch, long dropoutSeed) {
        return forward(model, batch, dropoutSeed, false);
    }

    /** The same, perhaps with {@link TokenScores#collisions}. */
    public static LogProbs forward(CausalLm model, PackedBatch batch, long dropoutSeed, boolean collisions) {
        Recomputation later = new Recomputation();
        return new LogProbs(model, batch, model.hidden(batch, dropoutSeed, later), later, collisions);
    }

    public TokenScores scores() {
        return scores;
    }

    private int sliceRows() {
        long vocabulary = model.head().size(0);
        return (int) Math.max(1, Math.min(batch.predictionCount(), SLICE_ELEMENTS / vocabulary));
    }

    private TokenScores score(boolean withCollisions) {
        int count = batch.predictionCount();
        float[] logps = new float[count];
        float[] entropies = new float[count];
        boolean[] correct = new boolean[count];
        float[] collisions = withCollisions ? new float[count] : null;
        try (NoGrad noGrad = NoGrad.open()) {
            int rows = sliceRows();
            for (int from = 0; from < count; from += rows) {
                try (StepScope scope = StepScope.open()) {
                    int to = Math.min(count, from + rows);
                    Tensor logps2d = logits(from, to).logSoftmax(); // (rows, vocabulary)
                    int[] labels = Arrays.copyOfRange(batch.labels(), from, to);
                    Tensor picked = logps2d.gather(1, Tensor.of(labels).reshape(-1, 1));
                    long[] best = logps2d.argmax(1).toLongs();
                    if (withCollisions) {
                        System.arraycopy(logps2d.mul(2).exp().sum(1).toFloats(), 0, collisions, from, to - from);
                    }
                    Tensor entropy = logps2d.exp().mulInPlace(logps2d).sum(1).neg();
                    System.arraycopy(picked.toFloats(), 0, logps, from, to - from);
                    System.arraycopy(entropy.toFloats(), 0, entropies, from, to - from);
                    for (int i = 0; i < labels.length; i++) {
                        correct[from + i] = best[i] == labels[i];
                    }
                }
            }
        }
        return new TokenScores(logps, entropies, correct, collisions);
    }

    /** Hidden states that predict [from, to), (rows, hidden). */
    private Tensor predictors(int from, int to) {
        return hidden.detach().indexSelect(0, Tensor.of(Arrays.copyOfRange(batch.predictedFrom(), from, to)));
    }

    private Tensor logits(int from, int to) {
        return model.logits(predictors(from, to));
    }

    /**
     * Adds the gradient of Σᵢ weights[i] · logps[i] to the gradients of what is trained.
     *
     * @param weights ∂loss/∂logps, one for each prediction
     */
    public void backward(float[] weights) {
        try (StepScope scope = StepScope.open()) {
            Tensor hiddenGradient;
            try (NoGrad noGrad = NoGrad.open()) {
                hiddenGradient = headBackward(weights);
            }
            hidden.backward(hiddenGradient);
            later.backward();
            model.trained().collectGradients();
        }
    }

    private Tensor headBackward(float[] weights) {
        Tensor head = model.head();
        boolean trainsHead = model.parameters().trainable();
        Tensor headGradient =
                trainsHead ? model.parameters().gradient(model.architecture().head()) : null; // float32
        Optional<String> headBias = model.architecture().headBias();
        double cap = model.architecture().logitCap();
        Tensor hiddenGradient = Tensor.zeros(Dtype.F32, hidden.shape());
        int count = batch.predictionCount();
        int rows = sliceRows();
        for (int from = 0; from < count; from += rows) {
            try (StepScope scope = StepScope.open()) {
                int to = Math.min(count, from + rows);
                int[] labels = Arrays.copyOfRange(batch.labels(), from, to);
                Tensor weight = Tensor.of(Arrays.copyOfRange(weights, from, to), to - from, 1);
                Tensor logits = logits(from, to);
                Tensor wide = logits.softmax()
                        .mulInPlace(weight)
                        .mulInPlace(-1)
                        .scatterAddInPlace(1, Tensor.of(labels).reshape(-1, 1), weight); // (rows, vocabulary)
                if (cap != Attention.UNCAPPED) {
                    // z = cap · tanh(u / cap): ∂z/∂u = 1 − (z / cap)²
                    wide.mulInPlace(logits.mulInPlace(1 / cap).square().neg().add(1));
                }
                if (trainsHead && headBias.isPresent()) {
                    model.parameters().gradient(headBias.get()).addInPlace(wide.sum(0));
                }
                Tensor gradient = wide.to(head.dtype());
                if (trainsHead && head.dtype() == Dtype.F32) {
                    headGradient.addMatmulInPlace(gradient.transpose(0, 1), predictors(from, to));
                } else if (trainsHead) {
                    headGradient.addInPlace(gradient.transpose(0, 1).matmul(predictors(from, to)));
                }
                // A trunk's last token predicts the first token of every branch: gradients add up.
                hiddenGradient.indexAddInPlace(
                        0,
                        Tensor.of(Arrays.copyOfRange(batch.predictedFrom(), from, to)),
                        gradient.matmul(head).to(Dtype.F32));
            }
        }
        return hiddenGradient.to(hidden.dtype());
    }
}
