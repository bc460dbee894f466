package org.align4j.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/**
 * What a GGUF file says of a model's config.json: {@link GgufConfig} the other way round. What llama.cpp would compute
 * otherwise than the model is refused.
 */
public final class GgufKeys {
    /** A model's numbers that need no second look. */
    public record Numbers(int vocabSize, int hiddenSize, int layers, int heads, int kvHeads, int headWidth) {}

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private final GgufFamily family;
    private final JsonNode config;
    private final Numbers numbers;
    private final String where;
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private Optional<float[]> ropeDivisors = Optional.empty();

    /**
     * @param config the content of config.json, which a model family has accepted
     * @param where its name for messages
     * @throws AlignException for what llama.cpp cannot express
     */
    public GgufKeys(GgufFamily family, JsonNode config, Numbers numbers, String where) {
        this.family = family;
        this.config = config;
        this.numbers = numbers;
        this.where = where;
        put("vocab_size", numbers.vocabSize());
        put("context_length", integer("max_position_embeddings", 2048));
        put("embedding_length", numbers.hiddenSize());
        put("block_count", numbers.layers());
        put("feed_forward_length", integer("intermediate_size", 0));
        put("attention.head_count", numbers.heads());
        put("attention.head_count_kv", numbers.kvHeads());
        put("attention.key_length", numbers.headWidth());
        put("attention.value_length", numbers.headWidth());
        put("attention.layer_norm_rms_epsilon", (float) number(config, "rms_norm_eps", 1e-6));
        put("rope.dimension_count", numbers.headWidth());
        addRope();
        if (family.isGemma()) {
            addGemma();
        } else {
            addLlama();
        }
    }

    /** By key, as {@link GgufWriter} takes them. */
    public Map<String, Object> keys() {
        return keys;
    }

    /** What rotary frequencies are divided by, to be written as the tensor {@code rope_freqs.weight}. */
    public Optional<float[]> ropeDivisors() {
        return ropeDivisors;
    }

    private void put(String name, Object value) {
        keys.put(family.architecture() + "." + name, value);
    }

    private void addLlama() {
        require("silu".equals(text(config, "hidden_act", "silu")), "hidden_act", "silu");
        if (family == GgufFamily.LLAMA) {
            boolean mistral = GgufFamily.MISTRAL.equals(
                    config.path("architectures").path(0).asString(""));
            int fallback = mistral && !config.has("sliding_window") ? 4096 : UNLIMITED;
            boolean reaches = !mistral || integer("sliding_window", fallback) >= integer("max_position_embeddings", 0);
            require(reaches, "sliding_window", "null or at least max_position_embeddings");
        } else {
            require(!config.path("use_sliding_window").asBoolean(false), "use_sliding_window", "false");
        }
        if (family == GgufFamily.QWEN3) {
            require(!config.path("attention_bias").asBoolean(false), "attention_bias", "false");
        }
    }

    private void addGemma() {
        require(
                "gelu_pytorch_tanh".equals(text(config, "hidden_activation", "gelu_pytorch_tanh")),
                "hidden_activation",
                "gelu_pytorch_tanh");
        require(!config.path("attention_bias").asBoolean(false), "attention_bias", "false");
        require(config.path("tie_word_embeddings").asBoolean(true), "tie_word_embeddings", "true");
        boolean largest = numbers.layers() == GgufConfig.LARGEST_GEMMA.get(family);
        int scalar = largest ? numbers.hiddenSize() / numbers.heads() : numbers.headWidth();
        require(number(config, "query_pre_attn_scalar", 256) == scalar, "query_pre_attn_scalar", "" + scalar);
        put("attention.sliding_window", integer("sliding_window", 4096));
        int pattern = family == GgufFamily.GEMMA2 ? 2 : 6;
        requireLayers(pattern);
        if (family == GgufFamily.GEMMA2) {
            require(!isNull("attn_logit_softcapping"), "attn_logit_softcapping", "a number");
            require(!isNull("final_logit_softcapping"), "final_logit_softcapping", "a number");
            put("attn_logit_softcapping", (float) number(config, "attn_logit_softcapping", 50));
            put("final_logit_softcapping", (float) number(config, "final_logit_softcapping", 30));
            return;
        }
        require(!config.path("attn_logit_softcapping").isNumber(), "attn_logit_softcapping", "null");
        if (config.path("final_logit_softcapping").isNumber()) {
            put("final_logit_softcapping", (float) number(config, "final_logit_softcapping", 0));
        }
        JsonNode sliding = config.path("rope_parameters").path("sliding_attention");
        double local = number(sliding, "rope_theta", number(config, "rope_local_base_freq", 10_000));
        require(local == 10_000, "rope_local_base_freq", "10000");
    }

    private void requireLayers(int pattern) {
        JsonNode types = config.path("layer_types");
        for (int layer = 0; layer < types.size(); layer++) {
            String expected = (layer + 1) % pattern == 0 ? "full_attention" : "sliding_attention";
            require(
                    types.get(layer).asString("").equals(expected),
                    "layer_types",
                    "every " + pattern + "th with full attention");
        }
        if (types.isEmpty() && family == GgufFamily.GEMMA3) {
            require(integer("sliding_window_pattern", pattern) == pattern, "sliding_window_pattern", "" + pattern);
        }
    }

    private void addRope() {
        JsonNode parameters = config.path("rope_parameters");
        if (parameters.has("full_attention")) {
            parameters = parameters.get("full_attention");
        }
        double fallback = family == GgufFamily.GEMMA3 ? 1_000_000 : 10_000;
        double theta = number(parameters, "rope_theta", number(config, "rope_theta", fallback));
        put("rope.freq_base", (float) theta);
        JsonNode rope = parameters.isObject() ? parameters : config.path("rope_scaling");
        String type = text(rope, "rope_type", text(rope, "type", "default"));
        double factor = number(rope, "factor", 8);
        int positions = integer("max_position_embeddings", 2048);
        String originalKey = "original_max_position_embeddings";
        int original = integer(originalKey, (int) number(rope, originalKey, positions));
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                put("rope.scaling.type", "linear");
                put("rope.scaling.factor", (float) number(rope, "factor", 1));
            }
            case "llama3" -> {
                double low = number(rope, "low_freq_factor", 1);
                double high = number(rope, "high_freq_factor", 4);
                RopeFactors factors = new RopeFactors(factor, low, high, original);
                ropeDivisors = Optional.of(factors.divisors(numbers.headWidth() / 2, theta));
                put("rope.scaling.original_context_length", original);
            }
            case "yarn" -> {
                for (String name :
                        List.of("beta_fast", "beta_slow", "mscale", "mscale_all_dim", "attention_factor", "truncate")) {
                    require(
                            !rope.has(name) || rope.get(name).isNull(),
                            rope,
                            name,
                            "none, which is YaRN as its paper has it");
                }
                put("rope.scaling.type", "yarn");
                put("rope.scaling.factor", (float) number(rope, "factor", (double) positions / original));
                put("rope.scaling.original_context_length", original);
            }
            default -> require(false, rope, "rope_type", "default, linear, llama3, yarn");
        }
    }

    private boolean isNull(String key) {
        return config.has(key) && config.get(key).isNull();
    }

    private int integer(String key, int fallback) {
        return config.path(key).isInt() ? config.get(key).intValue() : fallback;
    }

    private static double number(JsonNode node, String key, double fallback) {
        return node.path(key).isNumber() ? node.get(key).doubleValue() : fallback;
    }

    private static String text(JsonNode node, String key, String fallback) {
        return node.path(key).isString() ? node.get(key).stringValue() : fallback;
    }

    private void require(boolean holds, String key, String expected) {
        require(holds, config, key, expected);
    }

    private void require(boolean holds, JsonNode holder, String key, String expected) {
        if (!holds) {
            Object found = holder.has(key) ? holder.get(key) : "not set";
            throw AlignException.badInput(where + ": \"" + key + "\" is " + found + ", which a GGUF file of "
                    + family.architecture() + " cannot express; expected " + expected
                    + "; keep the Hugging Face folder");
        }
    }
}
