package org.align4j.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The config.json that the model of a GGUF file has at Hugging Face. */
final class GgufConfig {
    /** llama.cpp tells the largest Gemmas, whose queries are scaled otherwise, by their number of layers. */
    static final Map<GgufFamily, Integer> LARGEST_GEMMA = Map.of(GgufFamily.GEMMA2, 46, GgufFamily.GEMMA3, 62);

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final GgufFamily family;

    private GgufConfig(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.family = family(file);
    }

    static GgufFamily family(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        if (metadata.getInt("split.count").orElse(1) > 1) {
            throw metadata.unsupported(
                    "split.count",
                    metadata.getInt("split.count").get(),
                    "the model lies in several files: join them with llama-gguf-split --merge");
        }
        String name = metadata.requireString("general.architecture");
        return GgufFamily.ofArchitecture(name)
                .orElseThrow(() -> metadata.unsupported(
                        "general.architecture",
                        name,
                        "supported: " + GgufFamily.architectures() + "; of others take the Hugging Face folder"));
    }

    /** @throws org.align4j.AlignException for architectures and settings that are not supported, by name */
    static ObjectNode of(GgufFile file) {
        return new GgufConfig(file).config();
    }

    private String key(String name) {
        return family.architecture() + "." + name;
    }

    private ObjectNode config() {
        if (metadata.getInt(key("expert_count")).orElse(0) > 0) {
            throw metadata.unsupported(
                    key("expert_count"),
                    metadata.getInt(key("expert_count")).get(),
                    "models with experts are read from their Hugging Face folders");
        }
        int hidden = metadata.requireInt(key("embedding_length"));
        int layers = metadata.requireInt(key("block_count"));
        int heads = metadata.requireInt(key("attention.head_count"));
        int headWidth = headWidth(hidden, heads);
        ObjectNode config = new JsonMapper().createObjectNode();
        config.putArray("architectures").add(family.className());
        config.put("model_type", family.modelType());
        config.put("hidden_size", hidden);
        config.put("intermediate_size", metadata.requireInt(key("feed_forward_length")));
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put(
                "num_key_value_heads",
                metadata.getInt(key("attention.head_count_kv")).orElse(heads));
        if (headWidth * heads != hidden || family.isGemma() || family == GgufFamily.QWEN3) {
            config.put("head_dim", headWidth);
        }
        config.put("max_position_embeddings", metadata.requireInt(key("context_length")));
        config.put("rms_norm_eps", metadata.requireDouble(key("attention.layer_norm_rms_epsilon")));
        config.put("tie_word_embeddings", !file.tensors().containsKey("output.weight"));
        config.put("vocab_size", vocabulary());
        addSpecialTokens(config);
        double theta = metadata.getDouble(key("rope.freq_base")).orElse(10_000.0);
        config.put("rope_theta", theta);
        addRopeScaling(config, theta, headWidth);
        switch (family) {
            case LLAMA -> {
                config.put("hidden_act", "silu");
                config.put("attention_bias", file.tensors().containsKey("blk.0.attn_q.bias"));
                config.put("mlp_bias", file.tensors().containsKey("blk.0.ffn_gate.bias"));
            }
            case QWEN2 -> config.put("hidden_act", "silu").put("use_sliding_window", false);
            case QWEN3 ->
                config.put("hidden_act", "silu")
                        .put("use_sliding_window", false)
                        .put("attention_bias", false);
            case GEMMA2, GEMMA3 -> addGemma(config, layers, headWidth, hidden / heads);
        }
        return config;
    }

    private int headWidth(int hidden, int heads) {
        Optional<Integer> said = metadata.getInt(key("attention.key_length"));
        if (said.isEmpty() && hidden % heads != 0) {
            throw metadata.invalid(key("embedding_length") + " is " + hidden + ", expected a multiple of the " + heads
                    + " heads of " + key("attention.head_count"));
        }
        int width = said.orElse(hidden / heads);
        for (String name : List.of("rope.dimension_count", "attention.value_length")) {
            int other = metadata.getInt(key(name)).orElse(width);
            if (other != width || width == 0 || width % 2 != 0) {
                throw metadata.unsupported(
                        key(name), other, "supported: the width of a head, " + width + ", which must be even");
            }
        }
        return width;
    }

    private long vocabulary() {
        GgufTensor embedding = file.tensors().get("token_embd.weight");
        if (embedding == null || embedding.shape().length != 2) {
            throw metadata.invalid("has no matrix token_embd.weight, expected the embedding of the tokens");
        }
        return embedding.shape()[0];
    }

    private void addSpecialTokens(ObjectNode config) {
        for (String name : List.of("bos", "eos")) {
            metadata.getInt("tokenizer.ggml." + name + "_token_id").ifPresent(id -> config.put(name + "_token_id", id));
        }
        metadata.getInt("tokenizer.ggml.padding_token_id").ifPresent(id -> config.put("pad_token_id", id));
    }

    private void addRopeScaling(ObjectNode config, double theta, int headWidth) {
        GgufTensor divisors = file.tensors().get(RopeFactors.TENSOR);
        String type = metadata.getString(key("rope.scaling.type")).orElse("linear");
        if (divisors != null) {
            if (divisors.count() != headWidth / 2) {
                throw metadata.invalid(RopeFactors.TENSOR + " has " + divisors.count()
                        + " values, expected one for each of " + headWidth / 2 + " pairs of a head");
            }
            int original =
                    metadata.getInt(key("rope.scaling.original_context_length")).orElse(RopeFactors.ORIGINAL);
            RopeFactors factors = RopeFactors.recognise(file.floats(divisors, 0, headWidth / 2), theta, original)
                    .orElseThrow(() -> Damage.unsupported(
                            metadata.where(),
                            RopeFactors.TENSOR + " holds other divisors than those of Llama 3's scaling",
                            "take the Hugging Face folder"));
            config.putObject("rope_scaling")
                    .put("rope_type", "llama3")
                    .put("factor", factors.factor())
                    .put("low_freq_factor", factors.low())
                    .put("high_freq_factor", factors.high())
                    .put("original_max_position_embeddings", (int) factors.original());
            return;
        }
        double factor = metadata.getDouble(key("rope.scaling.factor"))
                .or(() -> metadata.getDouble(key("rope.scale_linear"))) // its old name
                .orElse(1.0);
        if (type.equals("none") || type.equals("linear") && (factor == 0 || factor == 1)) {
            config.putNull("rope_scaling");
            return;
        }
        switch (type) {
            case "linear" ->
                config.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
            case "yarn" ->
                config.putObject("rope_scaling")
                        .put("rope_type", type)
                        .put("factor", metadata.requireDouble(key("rope.scaling.factor")))
                        .put(
                                "original_max_position_embeddings",
                                metadata.requireInt(key("rope.scaling.original_context_length")));
            default ->
                throw metadata.unsupported(
                        key("rope.scaling.type"), type, "supported: none, linear, yarn, and Llama 3's");
        }
    }

    private void addGemma(ObjectNode config, int layers, int headWidth, int share) {
        config.put("hidden_activation", "gelu_pytorch_tanh");
        config.put("query_pre_attn_scalar", layers == LARGEST_GEMMA.get(family) ? share : headWidth);
        config.put("sliding_window", metadata.requireInt(key("attention.sliding_window")));
        for (String cap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            Optional<Double> bound = metadata.getDouble(key(cap));
            if (bound.isPresent()) {
                config.put(cap, bound.get());
            } else {
                config.putNull(cap);
            }
        }
        if (family == GgufFamily.GEMMA3) {
            config.put("sliding_window_pattern", 6);
            config.put(
                    "rope_local_base_freq",
                    metadata.getDouble(key("rope.freq_base_swa")).orElse(10_000.0));
        }
    }
}
