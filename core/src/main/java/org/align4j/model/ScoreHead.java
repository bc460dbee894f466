package org.align4j.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.tensor.Tensor;

/**
 * A language model with a few numbers in place of its vocabulary: a reward model, as transformers'
 * {@code AutoModelForSequenceClassification} and {@code AutoModelForTokenClassification} have it.
 *
 * @param module what transformers calls the layer that makes them of a hidden state: {@code score} or {@code classifier}
 */
public record ScoreHead(Architecture body, Shape shape, String module) implements Architecture {

    /** Which tokens a head reads. */
    public enum Kind {
        /** The last token: sequence classification. Without a bias. */
        SEQUENCE,
        /** Every token: token classification. With a bias. */
        TOKEN
    }

    /**
     * What a head says.
     *
     * @param labels numbers of each token it reads
     */
    public record Shape(Kind kind, int labels) {
        /** A reward model's: one number, of the last token. */
        public static final Shape REWARD = new Shape(Kind.SEQUENCE, 1);
    }

    @Override
    public Dimensions dimensions() {
        return body.dimensions();
    }

    @Override
    public boolean boundedPositions() {
        return body.boundedPositions();
    }

    /** The body's tensors that nothing needs here: its head, where that is not the embedding, and the head's bias. */
    public List<String> replaced() {
        List<String> replaced = new ArrayList<>();
        body.headBias().ifPresent(replaced::add);
        if (body.head().startsWith("lm_head") || body.head().startsWith("embed_out")) {
            replaced.add(body.head());
        }
        return replaced;
    }

    /** Names and shapes of the head's own tensors: a matrix (labels, hidden), perhaps a bias (labels). */
    public Map<String, long[]> headTensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        tensors.put(head(), new long[] {shape.labels(), dimensions().hiddenSize()});
        headBias().ifPresent(bias -> tensors.put(bias, new long[] {shape.labels()}));
        return tensors;
    }

    @Override
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>(body.tensors());
        replaced().forEach(tensors::remove);
        tensors.putAll(headTensors());
        return tensors;
    }

    @Override
    public String head() {
        return module + ".weight";
    }

    @Override
    public Optional<String> headBias() {
        return shape.kind() == Kind.TOKEN ? Optional.of(module + ".bias") : Optional.empty();
    }

    @Override
    public String prefix() {
        return body.prefix();
    }

    @Override
    public List<String> ignoredSuffixes() {
        return body.ignoredSuffixes();
    }

    @Override
    public boolean inputFirst() {
        return body.inputFirst();
    }

    @Override
    public List<String> loraTargets() {
        return body.loraTargets();
    }

    @Override
    public Map<String, Part> otherLayout() {
        return body.otherLayout();
    }

    @Override
    public Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        return body.hidden(weights, ids, positions, attention);
    }
}
