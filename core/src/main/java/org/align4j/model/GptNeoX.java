package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Tensor;

/**
 * GPT-NeoX (Black et al. 2022), the architecture of Pythia: attention and feed-forward read the same input and are added
 * together (parallel residual), rotary positions on a part of each head, queries, keys and values of a head side by
 * side in one matrix.
 */
public record GptNeoX(
        Dimensions dimensions,
        int intermediateSize,
        double normEpsilon,
        Rotary rotary,
        Activation activation,
        boolean tiedHead,
        boolean attentionBias,
        boolean parallelResidual)
        implements Architecture {

    static GptNeoX parse(HfConfig config) {
        int hidden = config.requireInt("hidden_size");
        int heads = config.requireInt("num_attention_heads");
        if (hidden % heads != 0) {
            throw config.invalid(
                    "\"hidden_size\" " + hidden + " is not a multiple of \"num_attention_heads\" " + heads);
        }
        Dimensions dimensions = new Dimensions(
                config.requireInt("vocab_size"),
                hidden,
                config.requireInt("num_hidden_layers"),
                heads,
                heads,
                hidden / heads,
                config.getInt("max_position_embeddings", 2048));
        RotaryConfig rope = RotaryConfig.of(config);
        int rotaryWidth = (int) (dimensions.headWidth() * rope.part("rotary_pct", 0.25));
        return new GptNeoX(
                dimensions,
                config.requireInt("intermediate_size"),
                config.getDouble("layer_norm_eps", 1e-5),
                new Rotary(rotaryWidth, rope.theta("rotary_emb_base", 10_000), rope.scaling(dimensions.maxPositions())),
                Activation.of(config, "hidden_act", "gelu"),
                config.getBoolean("tie_word_embeddings", false),
                config.getBoolean("attention_bias", true),
                config.getBoolean("use_parallel_residual", true));
    }

    @Override
    public boolean boundedPositions() {
        return false;
    }

    @Override
    public List<String> loraTargets() {
        return List.of("query_key_value");
    }

    @Override
    public String head() {
        return tiedHead ? "gpt_neox.embed_in.weight" : "embed_out.weight";
    }

    @Override
    public String prefix() {
        return "gpt_neox.";
    }

    @Override
    public List<String> ignoredSuffixes() {
        List<String> buffers = List.of(".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq");
        return tiedHead ? List.of(buffers.get(0), buffers.get(1), buffers.get(2), "embed_out.weight") : buffers;
    }

    @Override
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        long hidden = dimensions.hiddenSize();
        tensors.put("gpt_neox.embed_in.weight", new long[] {dimensions.vocabSize(), hidden});
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "gpt_neox.layers." + layer + ".";
            put(tensors, block + "input_layernorm", true, hidden);
            put(tensors, block + "post_attention_layernorm", true, hidden);
            put(tensors, block + "attention.query_key_value", attentionBias, 3 * hidden, hidden);
            put(tensors, block + "attention.dense", attentionBias, hidden, hidden);
            put(tensors, block + "mlp.dense_h_to_4h", true, intermediateSize, hidden);
            put(tensors, block + "mlp.dense_4h_to_h", true, hidden, intermediateSize);
        }
        put(tensors, "gpt_neox.final_layer_norm", true, hidden);
        if (!tiedHead) {
            tensors.put("embed_out.weight", new long[] {dimensions.vocabSize(), hidden});
        }
        return tensors;
    }

    private static void put(Map<String, long[]> tensors, String name, boolean bias, long... shape) {
        tensors.put(name + ".weight", shape);
        if (bias) {
            tensors.put(name + ".bias", new long[] {shape[0]});
        }
    }

    @Override
    public Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        Tensor x = weights.embedded(Tensor.embedding(weights.get("gpt_neox.embed_in.weight"), ids)); // (tokens, hidden)
        Rotary.Angles angles = rotary.angles(positions, x.dtype());
        for (int i = 0; i < dimensions.layers(); i++) {
            int layer = i;
            x = weights.block(x, in -> block(weights, layer, in, angles, attention));
        }
        return norm(weights, "gpt_neox.final_layer_norm", x);
    }

    private Tensor block(Weights weights, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        String block = "gpt_neox.layers." + layer + ".";
        Tensor normed = norm(weights, block + "input_layernorm", x);
        Tensor mixed = attend(weights, block + "attention.", layer, normed, angles, attention);
        if (parallelResidual) {
            Tensor fed = feedForward(weights, block + "mlp.", norm(weights, block + "post_attention_layernorm", x));
            return fed.add(mixed).add(x);
        }
        Tensor y = x.add(mixed);
        return y.add(feedForward(weights, block + "mlp.", norm(weights, block + "post_attention_layernorm", y)));
    }

    private Tensor attend(
            Weights weights, String name, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        int width = dimensions.headWidth();
        Tensor[] parts = weights.linear(name + "query_key_value", x, attentionBias)
                .reshape(-1, dimensions.heads(), 3L * width)
                .split(new long[] {width, width, width}, 2); // each (tokens, heads, width)
        Tensor[] turned = Rotary.apply(parts[0], parts[1], angles);
        Tensor mixed =
                attention.attend(layer, turned[0], turned[1], parts[2], Attention.Scoring.scaled(1 / Math.sqrt(width)));
        return weights.linear(name + "dense", mixed, attentionBias);
    }

    private Tensor feedForward(Weights weights, String name, Tensor x) {
        Tensor inner = activation.apply(weights.linear(name + "dense_h_to_4h", x, true));
        return weights.linear(name + "dense_4h_to_h", inner, true);
    }

    private Tensor norm(Weights weights, String name, Tensor x) {
        return x.layerNorm(weights.get(name + ".weight"), weights.get(name + ".bias"), normEpsilon);
    }
}
