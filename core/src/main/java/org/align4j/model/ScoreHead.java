package org.align4j.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Tensor;

/**
 * A language model with a single number in place of its vocabulary: a reward model, as transformers'
 * {@code AutoModelForSequenceClassification} with one label has it.
 */
public record ScoreHead(Architecture body) implements Architecture {
    /** The vector (1, hidden) that turns a hidden state into a score. */
    public static final String WEIGHT = "score.weight";

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

    @Override
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>(body.tensors());
        replaced().forEach(tensors::remove);
        tensors.put(WEIGHT, new long[] {1, dimensions().hiddenSize()});
        return tensors;
    }

    @Override
    public String head() {
        return WEIGHT;
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
