package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Tensor;

/**
 * GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each block, one product for queries, keys and values.
 * Its weight matrices lie (in, out) in the files, transposed to all other families; they are used as they lie.
 */
public record Gpt2(
        Dimensions dimensions,
        int innerSize,
        double normEpsilon,
        Activation activation,
        boolean tiedHead,
        boolean scaleByWidth,
        boolean scaleByLayer)
        implements Architecture {

    static Gpt2 parse(HfConfig config) {
        int hidden = config.requireInt("n_embd");
        int heads = config.requireInt("n_head");
        if (hidden % heads != 0) {
            throw config.invalid("\"n_embd\" " + hidden + " is not a multiple of \"n_head\" " + heads);
        }
        Dimensions dimensions = new Dimensions(
                config.requireInt("vocab_size"),
                hidden,
                config.requireInt("n_layer"),
                heads,
                heads,
                hidden / heads,
                config.requireInt("n_positions"));
        return new Gpt2(
                dimensions,
                config.getInt("n_inner", 4 * hidden),
                config.getDouble("layer_norm_epsilon", 1e-5),
                Activation.of(config, "activation_function", "gelu_new"),
                config.getBoolean("tie_word_embeddings", true),
                config.getBoolean("scale_attn_weights", true),
                config.getBoolean("scale_attn_by_inverse_layer_idx", false));
    }

    @Override
    public boolean boundedPositions() {
        return true;
    }

    @Override
    public boolean inputFirst() {
        return true;
    }

    @Override
    public List<String> loraTargets() {
        return List.of("c_attn");
    }

    @Override
    public String head() {
        return tiedHead ? "transformer.wte.weight" : "lm_head.weight";
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public List<String> ignoredSuffixes() {
        return tiedHead
                ? List.of(".attn.bias", ".attn.masked_bias", "lm_head.weight")
                : List.of(".attn.bias", ".attn.masked_bias");
    }

    @Override
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        long hidden = dimensions.hiddenSize();
        tensors.put("transformer.wte.weight", new long[] {dimensions.vocabSize(), hidden});
        tensors.put("transformer.wpe.weight", new long[] {dimensions.maxPositions(), hidden});
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "transformer.h." + layer + ".";
            putNorm(tensors, block + "ln_1", hidden);
            putConv(tensors, block + "attn.c_attn", hidden, 3 * hidden);
            putConv(tensors, block + "attn.c_proj", hidden, hidden);
            putNorm(tensors, block + "ln_2", hidden);
            putConv(tensors, block + "mlp.c_fc", hidden, innerSize);
            putConv(tensors, block + "mlp.c_proj", innerSize, hidden);
        }
        putNorm(tensors, "transformer.ln_f", hidden);
        if (!tiedHead) {
            tensors.put("lm_head.weight", new long[] {dimensions.vocabSize(), hidden});
        }
        return tensors;
    }

    private static void putNorm(Map<String, long[]> tensors, String name, long width) {
        tensors.put(name + ".weight", new long[] {width});
        tensors.put(name + ".bias", new long[] {width});
    }

    private static void putConv(Map<String, long[]> tensors, String name, long in, long out) {
        tensors.put(name + ".weight", new long[] {in, out});
        tensors.put(name + ".bias", new long[] {out});
    }

    @Override
    public Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        Tensor x = weights.embedded(Tensor.embedding(weights.get("transformer.wte.weight"), ids))
                .add(Tensor.embedding(weights.get("transformer.wpe.weight"), positions)); // (tokens, hidden)
        for (int i = 0; i < dimensions.layers(); i++) {
            int layer = i;
            x = weights.block(x, in -> block(weights, layer, in, attention));
        }
        return norm(weights, "transformer.ln_f", x);
    }

    private Tensor block(Weights weights, int layer, Tensor x, Attention attention) {
        String block = "transformer.h." + layer + ".";
        Tensor y = x.add(attend(weights, block + "attn.", layer, norm(weights, block + "ln_1", x), attention));
        Tensor inner = activation.apply(weights.conv(block + "mlp.c_fc", norm(weights, block + "ln_2", y)));
        return y.add(weights.conv(block + "mlp.c_proj", inner));
    }

    private Tensor attend(Weights weights, String name, int layer, Tensor x, Attention attention) {
        long hidden = dimensions.hiddenSize();
        Tensor[] parts = weights.conv(name + "c_attn", x).split(new long[] {hidden, hidden, hidden}, 1);
        double scale = (scaleByWidth ? 1 / Math.sqrt(dimensions.headWidth()) : 1) / (scaleByLayer ? layer + 1 : 1);
        Tensor mixed = attention.attend(
                layer, heads(parts[0]), heads(parts[1]), heads(parts[2]), Attention.Scoring.scaled(scale));
        return weights.conv(name + "c_proj", mixed);
    }

    private Tensor heads(Tensor x) {
        return x.reshape(-1, dimensions.heads(), dimensions.headWidth());
    }

    private Tensor norm(Weights weights, String name, Tensor x) {
        return x.layerNorm(weights.get(name + ".weight"), weights.get(name + ".bias"), normEpsilon);
    }
}
