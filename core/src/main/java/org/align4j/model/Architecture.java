package org.align4j.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.tensor.Tensor;

/**
 * A family of language models: the numbers of its config.json, the names and shapes of its tensors, and its forward
 * pass. Architectures hold no weights, so one record serves a policy and its reference.
 */
public sealed interface Architecture permits LlamaLayout, Gpt2, GptNeoX, GptJ, ScoreHead {

    /** Numbers that every family has. */
    record Dimensions(
            int vocabSize, int hiddenSize, int layers, int heads, int kvHeads, int headWidth, int maxPositions) {

        /** By the names that all but the oldest families use. */
        static Dimensions parse(HfConfig config) {
            int hidden = config.requireInt("hidden_size");
            int heads = config.requireInt("num_attention_heads");
            int kvHeads = config.getInt("num_key_value_heads", heads);
            if (!config.has("head_dim") && hidden % heads != 0) {
                throw config.invalid(
                        "\"hidden_size\" " + hidden + " is not a multiple of \"num_attention_heads\" " + heads);
            }
            if (heads % kvHeads != 0) {
                throw config.invalid("\"num_attention_heads\" " + heads
                        + " is not a multiple of \"num_key_value_heads\" " + kvHeads);
            }
            return new Dimensions(
                    config.requireInt("vocab_size"),
                    hidden,
                    config.requireInt("num_hidden_layers"),
                    heads,
                    kvHeads,
                    config.getInt("head_dim", hidden / heads),
                    config.getInt("max_position_embeddings", Attention.UNLIMITED));
        }

        Dimensions withMaxPositions(int positions) {
            return new Dimensions(vocabSize, hiddenSize, layers, heads, kvHeads, headWidth, positions);
        }
    }

    Dimensions dimensions();

    /** Whether no position from {@code maxPositions} on can be computed: a table ends there, or frequencies change. */
    boolean boundedPositions();

    /** Tensor names and shapes, in the order in which they are written. */
    Map<String, long[]> tensors();

    /** The tensor (vocabulary, hidden) that turns hidden states into logits; the embedding where they are tied. */
    String head();

    /** A vector (vocabulary) added to the logits. */
    default Optional<String> headBias() {
        return Optional.empty();
    }

    /** A logit z becomes cap · tanh(z / cap); {@link Attention#UNCAPPED} leaves it. */
    default double logitCap() {
        return Attention.UNCAPPED;
    }

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
     * A tensor as a part of a larger one.
     *
     * @param shape the shape of the larger one
     * @param first where the part begins, in elements in the order of memory
     */
    record Part(String tensor, long[] shape, long first) {}

    /** Where files of another layout keep tensors, by the names of {@link #tensors}. They are read, never written. */
    default Map<String, Part> otherLayout() {
        return Map.of();
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
