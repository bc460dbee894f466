package org.align4j.model;

import java.util.List;
import java.util.Map;
import org.align4j.tensor.Tensor;

/**
 * A family of language models: the numbers of its config.json, the names and shapes of its tensors, and its forward
 * pass. Architectures hold no weights, so one record serves a policy and its reference.
 */
public sealed interface Architecture permits Llama, Gpt2, GptNeoX {

    /** Numbers that every family has. */
    record Dimensions(
            int vocabSize, int hiddenSize, int layers, int heads, int kvHeads, int headWidth, int maxPositions) {}

    Dimensions dimensions();

    /** Whether positions are looked up in a table of {@code maxPositions} rows, so that none beyond can be computed. */
    boolean learnedPositions();

    /** Tensor names and shapes, in the order in which they are written. */
    Map<String, long[]> tensors();

    /** The tensor (vocabulary, hidden) that turns hidden states into logits; the embedding where they are tied. */
    String head();

    /** What names start with in a full model; files of the bare body leave it out. */
    String prefix();

    /** Names that may be in the files and are not needed: buffers of old versions, a copy of a tied head. */
    List<String> ignoredSuffixes();

    /** Whether the weights of linear layers lie (in, out) in the files ({@link Weights#conv}), not (out, in). */
    default boolean inputFirst() {
        return false;
    }

    /** The layers that LoRA adapts unless told otherwise, the same as PEFT's: queries and values in most families. */
    default List<String> loraTargets() {
        return List.of("q_proj", "v_proj");
    }

    /**
     * The hidden states, after the last norm, of a row of tokens.
     *
     * @param ids (tokens)
     * @param positions (tokens)
     * @return (tokens, hidden)
     */
    Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention);
}
