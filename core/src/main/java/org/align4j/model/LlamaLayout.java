package org.align4j.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/**
 * What Llama and its descendants share: an embedding, equal blocks with rotary positions, an RMSNorm, a head, and the
 * names of these in the files. They differ in what a block does.
 */
sealed interface LlamaLayout extends Architecture permits Llama, Phi3, Mixtral, Olmo2, Gemma {

    boolean tiedHead();

    RmsNorm norm();

    /** The rotary positions of a layer. Layers that share them return the same object. */
    Rotary rotary(int layer);

    /** Adds the tensors of one block, whose names begin with {@code block}. */
    void putBlock(Shapes shapes, String block);

    /**
     * One block.
     *
     * @param block what the names of its tensors begin with
     * @param x (tokens, hidden)
     * @return (tokens, hidden)
     */
    Tensor block(Weights weights, String block, int layer, Tensor x, Rotary.Angles angles, Attention attention);

    default Tensor embed(Weights weights, Tensor ids) {
        return Tensor.embedding(weights.get("model.embed_tokens.weight"), ids);
    }

    @Override
    default boolean boundedPositions() {
        return false;
    }

    @Override
    default String head() {
        return tiedHead() ? "model.embed_tokens.weight" : "lm_head.weight";
    }

    @Override
    default String prefix() {
        return "model.";
    }

    @Override
    default List<String> ignoredSuffixes() {
        return tiedHead() ? List.of("rotary_emb.inv_freq", "lm_head.weight") : List.of("rotary_emb.inv_freq");
    }

    @Override
    default Map<String, long[]> tensors() {
        Shapes shapes = new Shapes();
        long hidden = dimensions().hiddenSize();
        shapes.embedding("model.embed_tokens", dimensions().vocabSize(), hidden);
        for (int layer = 0; layer < dimensions().layers(); layer++) {
            putBlock(shapes, "model.layers." + layer + ".");
        }
        shapes.rmsNorm("model.norm", hidden);
        if (!tiedHead()) {
            shapes.linear("lm_head", dimensions().vocabSize(), hidden, false);
        }
        return shapes.map();
    }

    @Override
    default Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        Tensor x = weights.embedded(embed(weights, ids)); // (tokens, hidden)
        Dtype dtype = x.dtype();
        Map<Rotary, Rotary.Angles> angles = new HashMap<>();
        for (int i = 0; i < dimensions().layers(); i++) {
            int layer = i;
            Rotary.Angles turned = angles.computeIfAbsent(rotary(layer), rotary -> rotary.angles(positions, dtype));
            x = weights.block(x, in -> block(weights, "model.layers." + layer + ".", layer, in, turned, attention));
        }
        return norm().apply(weights, "model.norm", x);
    }
}
