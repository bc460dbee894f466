package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.tensor.Tensor;

/**
 * The Llama family: Llama 2 and 3, SmolLM2, Mistral (sliding window), Qwen2 (biases on queries, keys and values), Qwen3
 * (norms on queries and keys). Pre-norm blocks with RMSNorm (Zhang and Sennrich 2019), rotary positions, grouped-query
 * attention (Ainslie et al. 2023) and a gated feed-forward block (SwiGLU, Shazeer 2020).
 *
 * @param windows for each layer, how many tokens a token sees
 */
public record Llama(
        Dimensions dimensions,
        int intermediateSize,
        double normEpsilon,
        double ropeTheta,
        Rotary.Scaling ropeScaling,
        Activation activation,
        boolean tiedHead,
        boolean qkvBias,
        boolean outputBias,
        boolean mlpBias,
        boolean queryKeyNorm,
        List<Integer> windows)
        implements Architecture {

    static Llama llama(HfConfig config) {
        boolean bias = config.getBoolean("attention_bias", false);
        return parse(config, bias, bias, config.getBoolean("mlp_bias", false), false, everywhere(config, UNLIMITED));
    }

    static Llama mistral(HfConfig config) {
        int window = config.getInt("sliding_window", UNLIMITED);
        return parse(config, false, false, false, false, everywhere(config, window));
    }

    static Llama qwen2(HfConfig config) {
        return parse(config, true, false, false, false, qwenWindows(config));
    }

    static Llama qwen3(HfConfig config) {
        boolean bias = config.getBoolean("attention_bias", false);
        return parse(config, bias, bias, false, true, qwenWindows(config));
    }

    private static final int UNLIMITED = Attention.UNLIMITED;

    private static Llama parse(
            HfConfig config,
            boolean qkvBias,
            boolean outputBias,
            boolean mlpBias,
            boolean queryKeyNorm,
            List<Integer> windows) {
        int hidden = config.requireInt("hidden_size");
        int heads = config.requireInt("num_attention_heads");
        int kvHeads = config.getInt("num_key_value_heads", heads);
        if (!config.has("head_dim") && hidden % heads != 0) {
            throw config.invalid(
                    "\"hidden_size\" " + hidden + " is not a multiple of \"num_attention_heads\" " + heads);
        }
        if (heads % kvHeads != 0) {
            throw config.invalid(
                    "\"num_attention_heads\" " + heads + " is not a multiple of \"num_key_value_heads\" " + kvHeads);
        }
        Dimensions dimensions = new Dimensions(
                config.requireInt("vocab_size"),
                hidden,
                config.requireInt("num_hidden_layers"),
                heads,
                kvHeads,
                config.getInt("head_dim", hidden / heads),
                config.getInt("max_position_embeddings", UNLIMITED));
        return new Llama(
                dimensions,
                config.requireInt("intermediate_size"),
                config.getDouble("rms_norm_eps", 1e-6),
                RotaryConfig.theta(config, "rope_theta", 10_000),
                RotaryConfig.scaling(config, dimensions.maxPositions()),
                Activation.of(config, "hidden_act", "silu"),
                config.getBoolean("tie_word_embeddings", false),
                qkvBias,
                outputBias,
                mlpBias,
                queryKeyNorm,
                windows);
    }

    private static List<Integer> everywhere(HfConfig config, int window) {
        Integer[] windows = new Integer[config.requireInt("num_hidden_layers")];
        java.util.Arrays.fill(windows, window);
        return List.of(windows);
    }

    /** Qwen slides in the layers named by {@code layer_types}, or in those from {@code max_window_layers} on. */
    private static List<Integer> qwenWindows(HfConfig config) {
        Integer[] windows = new Integer[config.requireInt("num_hidden_layers")];
        boolean slides = config.getBoolean("use_sliding_window", false);
        int window = slides ? config.getInt("sliding_window", UNLIMITED) : UNLIMITED;
        Optional<String[]> layerTypes = config.getStrings("layer_types");
        int firstSliding = config.has("max_window_layers") && layerTypes.isEmpty()
                ? (int) config.getDouble("max_window_layers", 0)
                : 28;
        for (int layer = 0; layer < windows.length; layer++) {
            boolean sliding = layer >= firstSliding;
            if (layerTypes.isPresent()) {
                if (layerTypes.get().length != windows.length) {
                    throw config.invalid("\"layer_types\" has " + layerTypes.get().length + " entries, expected one for"
                            + " each of the " + windows.length + " layers");
                }
                String type = layerTypes.get()[layer];
                sliding = type.equals("sliding_attention");
                if (!sliding && !type.equals("full_attention")) {
                    throw config.unsupported("layer_types", type, "full_attention, sliding_attention");
                }
            }
            windows[layer] = sliding ? window : UNLIMITED;
        }
        return List.of(windows);
    }

    @Override
    public boolean learnedPositions() {
        return false;
    }

    @Override
    public String head() {
        return tiedHead ? "model.embed_tokens.weight" : "lm_head.weight";
    }

    @Override
    public String prefix() {
        return "model.";
    }

    @Override
    public List<String> ignoredSuffixes() {
        return tiedHead ? List.of("rotary_emb.inv_freq", "lm_head.weight") : List.of("rotary_emb.inv_freq");
    }

    @Override
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        long hidden = dimensions.hiddenSize();
        long queries = (long) dimensions.heads() * dimensions.headWidth();
        long keys = (long) dimensions.kvHeads() * dimensions.headWidth();
        tensors.put("model.embed_tokens.weight", new long[] {dimensions.vocabSize(), hidden});
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "model.layers." + layer + ".";
            tensors.put(block + "input_layernorm.weight", new long[] {hidden});
            putLinear(tensors, block + "self_attn.q_proj", queries, hidden, qkvBias);
            putLinear(tensors, block + "self_attn.k_proj", keys, hidden, qkvBias);
            putLinear(tensors, block + "self_attn.v_proj", keys, hidden, qkvBias);
            putLinear(tensors, block + "self_attn.o_proj", hidden, queries, outputBias);
            if (queryKeyNorm) {
                tensors.put(block + "self_attn.q_norm.weight", new long[] {dimensions.headWidth()});
                tensors.put(block + "self_attn.k_norm.weight", new long[] {dimensions.headWidth()});
            }
            tensors.put(block + "post_attention_layernorm.weight", new long[] {hidden});
            putLinear(tensors, block + "mlp.gate_proj", intermediateSize, hidden, mlpBias);
            putLinear(tensors, block + "mlp.up_proj", intermediateSize, hidden, mlpBias);
            putLinear(tensors, block + "mlp.down_proj", hidden, intermediateSize, mlpBias);
        }
        tensors.put("model.norm.weight", new long[] {hidden});
        if (!tiedHead) {
            tensors.put("lm_head.weight", new long[] {dimensions.vocabSize(), hidden});
        }
        return tensors;
    }

    private static void putLinear(Map<String, long[]> tensors, String name, long out, long in, boolean bias) {
        tensors.put(name + ".weight", new long[] {out, in});
        if (bias) {
            tensors.put(name + ".bias", new long[] {out});
        }
    }

    @Override
    public Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        Tensor x = Tensor.embedding(weights.get("model.embed_tokens.weight"), ids); // (tokens, hidden)
        Rotary.Angles angles = new Rotary(dimensions.headWidth(), ropeTheta, ropeScaling).angles(positions, x.dtype());
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "model.layers." + layer + ".";
            Tensor normed = rmsNorm(x, weights.get(block + "input_layernorm.weight"));
            x = x.add(attend(weights, block + "self_attn.", layer, normed, angles, attention));
            normed = rmsNorm(x, weights.get(block + "post_attention_layernorm.weight"));
            x = x.add(feedForward(weights, block + "mlp.", normed));
        }
        return rmsNorm(x, weights.get("model.norm.weight"));
    }

    private Tensor attend(
            Weights weights, String name, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        int width = dimensions.headWidth();
        Tensor queries = weights.linear(name + "q_proj", x, qkvBias).reshape(-1, dimensions.heads(), width);
        Tensor keys = weights.linear(name + "k_proj", x, qkvBias).reshape(-1, dimensions.kvHeads(), width);
        Tensor values = weights.linear(name + "v_proj", x, qkvBias).reshape(-1, dimensions.kvHeads(), width);
        if (queryKeyNorm) {
            queries = rmsNorm(queries, weights.get(name + "q_norm.weight"));
            keys = rmsNorm(keys, weights.get(name + "k_norm.weight"));
        }
        Tensor mixed = attention.attend(
                layer,
                Rotary.apply(queries, angles),
                Rotary.apply(keys, angles),
                values,
                1 / Math.sqrt(width),
                windows.get(layer));
        return weights.linear(name + "o_proj", mixed, outputBias);
    }

    private Tensor feedForward(Weights weights, String name, Tensor x) {
        Tensor gate = activation.apply(weights.linear(name + "gate_proj", x, mlpBias));
        Tensor up = weights.linear(name + "up_proj", x, mlpBias);
        return weights.linear(name + "down_proj", gate.mul(up), mlpBias);
    }

    private Tensor rmsNorm(Tensor x, Tensor weight) {
        return Norms.rms(x, weight, normEpsilon);
    }
}
