package org.align4j.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.tensor.Tensor;

/**
 * GPT-J (Wang and Komatsuzaki 2021): attention and feed-forward read the same normed input and are added together, rotary
 * positions in the interleaved form on a part of each head, a head with a bias.
 */
public record GptJ(
        Dimensions dimensions,
        int innerSize,
        double normEpsilon,
        Rotary rotary,
        Activation activation,
        boolean tiedHead)
        implements Architecture {

    static GptJ parse(HfConfig config) {
        int hidden = config.requireInt("n_embd");
        int heads = config.requireInt("n_head");
        if (hidden % heads != 0) {
            throw config.invalid("\"n_embd\" " + hidden + " is not a multiple of \"n_head\" " + heads);
        }
        int rotaryWidth = config.getInt("rotary_dim", 64);
        if (rotaryWidth > hidden / heads) {
            throw config.invalid("\"rotary_dim\" " + rotaryWidth + " is more than a head of " + hidden / heads);
        }
        Dimensions dimensions = new Dimensions(
                config.requireInt("vocab_size"),
                hidden,
                config.requireInt("n_layer"),
                heads,
                heads,
                hidden / heads,
                config.getInt("n_positions", 2048));
        return new GptJ(
                dimensions,
                config.getInt("n_inner", 4 * hidden),
                config.getDouble("layer_norm_epsilon", 1e-5),
                new Rotary(rotaryWidth, 10_000, new RopeScaling.None()),
                Activation.of(config, "activation_function", "gelu_new"),
                config.getBoolean("tie_word_embeddings", false));
    }

    @Override
    public boolean boundedPositions() {
        return false;
    }

    @Override
    public String head() {
        return tiedHead ? "transformer.wte.weight" : "lm_head.weight";
    }

    @Override
    public Optional<String> headBias() {
        return Optional.of("lm_head.bias");
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
        Shapes shapes = new Shapes();
        long hidden = dimensions.hiddenSize();
        shapes.embedding("transformer.wte", dimensions.vocabSize(), hidden);
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            String block = "transformer.h." + layer + ".";
            shapes.layerNorm(block + "ln_1", hidden);
            for (String projection : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
                shapes.linear(block + "attn." + projection, hidden, hidden, false);
            }
            shapes.linear(block + "mlp.fc_in", innerSize, hidden, true);
            shapes.linear(block + "mlp.fc_out", hidden, innerSize, true);
        }
        shapes.layerNorm("transformer.ln_f", hidden);
        if (!tiedHead) {
            shapes.embedding("lm_head", dimensions.vocabSize(), hidden);
        }
        shapes.vector("lm_head.bias", dimensions.vocabSize());
        return shapes.map();
    }

    @Override
    public Tensor hidden(Weights weights, Tensor ids, Tensor positions, Attention attention) {
        Tensor x = weights.embedded(Tensor.embedding(weights.get("transformer.wte.weight"), ids)); // (tokens, hidden)
        Rotary.Angles angles = rotary.angles(positions, x.dtype());
        for (int i = 0; i < dimensions.layers(); i++) {
            int layer = i;
            x = weights.block(x, in -> block(weights, layer, in, angles, attention));
        }
        return norm(weights, "transformer.ln_f", x);
    }

    private Tensor block(Weights weights, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        String block = "transformer.h." + layer + ".";
        Tensor normed = norm(weights, block + "ln_1", x);
        Tensor mixed = attend(weights, block + "attn.", layer, normed, angles, attention);
        Tensor inner = activation.apply(weights.linear(block + "mlp.fc_in", normed, true));
        return mixed.add(weights.linear(block + "mlp.fc_out", inner, true)).add(x);
    }

    private Tensor attend(
            Weights weights, String name, int layer, Tensor x, Rotary.Angles angles, Attention attention) {
        Tensor mixed = attention.attend(
                layer,
                Rotary.applyInterleaved(heads(weights.linear(name + "q_proj", x, false)), angles),
                Rotary.applyInterleaved(heads(weights.linear(name + "k_proj", x, false)), angles),
                heads(weights.linear(name + "v_proj", x, false)),
                Attention.Scoring.scaled(1 / Math.sqrt(dimensions.headWidth())));
        return weights.linear(name + "out_proj", mixed, false);
    }

    private Tensor heads(Tensor x) {
        return x.reshape(-1, dimensions.heads(), dimensions.headWidth());
    }

    private Tensor norm(Weights weights, String name, Tensor x) {
        return x.layerNorm(weights.get(name + ".weight"), weights.get(name + ".bias"), normEpsilon);
    }
}
