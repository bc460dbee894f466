package org.align4j.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/**
 * A mixture of experts (Shazeer et al. 2017, as in Jiang et al. 2024): a router gives every token probabilities over gated
 * feed-forward blocks, the token passes through the {@code chosen} most probable ones, and their results are added with
 * these probabilities, scaled to a sum of 1. The choice itself has no gradient; the probabilities have.
 *
 * <p>An expert computes only the tokens that chose it, in one product for all of them.
 */
record Experts(int count, int chosen, int width, Activation activation) {

    static Experts parse(HfConfig config) {
        int count = config.getInt("num_local_experts", config.getInt("num_experts", 8));
        int chosen = config.getInt("num_experts_per_tok", 2);
        if (chosen > count) {
            throw config.invalid("\"num_experts_per_tok\" " + chosen + " is more than the " + count + " experts");
        }
        return new Experts(
                count, chosen, config.requireInt("intermediate_size"), Activation.of(config, "hidden_act", "silu"));
    }

    void put(Shapes shapes, String name, long hidden) {
        shapes.linear(name + "gate", count, hidden, false);
        for (int e = 0; e < count; e++) {
            String expert = name + "experts." + e + ".";
            shapes.linear(expert + "w1", width, hidden, false);
            shapes.linear(expert + "w2", hidden, width, false);
            shapes.linear(expert + "w3", width, hidden, false);
        }
    }

    /** Where these tensors lie when gate_up_proj (experts, 2 × width, hidden) holds every w1 above its w3. */
    void putParts(Map<String, Architecture.Part> parts, String name, String joined, long hidden) {
        long[] gateUp = {count, 2L * width, hidden};
        long[] down = {count, hidden, width};
        long size = width * hidden;
        parts.put(name + "gate.weight", new Architecture.Part(joined + "gate.weight", new long[] {count, hidden}, 0));
        for (int e = 0; e < count; e++) {
            String expert = name + "experts." + e + ".";
            parts.put(
                    expert + "w1.weight", new Architecture.Part(joined + "experts.gate_up_proj", gateUp, 2 * e * size));
            parts.put(
                    expert + "w3.weight",
                    new Architecture.Part(joined + "experts.gate_up_proj", gateUp, (2 * e + 1) * size));
            parts.put(expert + "w2.weight", new Architecture.Part(joined + "experts.down_proj", down, e * size));
        }
    }

    /** (tokens, hidden) to the same. */
    Tensor apply(Weights weights, String name, Tensor x) {
        Tensor probabilities =
                weights.linear(name + "gate", x, false).to(Dtype.F32).softmax(); // (tokens, experts)
        int[][] choices = choose(probabilities.toFloats());
        Tensor shares = probabilities.gather(1, matrix(choices)); // (tokens, chosen)
        shares = shares.div(shares.sum(1).reshape(-1, 1));

        // Results lie expert by expert; place says where that of a token's c-th choice is.
        int[] place = new int[choices.length * chosen];
        List<Tensor> results = new ArrayList<>();
        int at = 0;
        for (int e = 0; e < count; e++) {
            int[] tokens = new int[choices.length];
            int here = 0;
            for (int t = 0; t < choices.length; t++) {
                for (int c = 0; c < chosen; c++) {
                    if (choices[t][c] == e) {
                        place[t * chosen + c] = at + here;
                        tokens[here] = t;
                        here++;
                    }
                }
            }
            if (here > 0) {
                Tensor index = Tensor.of(Arrays.copyOf(tokens, here));
                results.add(expert(weights, name + "experts." + e + ".", x.indexSelect(0, index), index));
                at += here;
            }
        }
        return Tensor.cat(results, 0)
                .indexSelect(0, Tensor.of(place))
                .reshape(-1, chosen, x.size(1))
                .mul(shares.reshape(-1, chosen, 1))
                .sum(1)
                .to(x.dtype());
    }

    /** For each token its most probable experts, the best first; of equals, the first. */
    private int[][] choose(float[] probabilities) {
        int[][] choices = new int[probabilities.length / count][chosen];
        for (int t = 0; t < choices.length; t++) {
            boolean[] taken = new boolean[count];
            for (int c = 0; c < chosen; c++) {
                int best = -1;
                for (int e = 0; e < count; e++) {
                    if (!taken[e] && (best < 0 || probabilities[t * count + e] > probabilities[t * count + best])) {
                        best = e;
                    }
                }
                taken[best] = true;
                choices[t][c] = best;
            }
        }
        return choices;
    }

    private Tensor matrix(int[][] rows) {
        long[] values = new long[rows.length * chosen];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows[i / chosen][i % chosen];
        }
        return Tensor.of(values, rows.length, chosen);
    }

    private Tensor expert(Weights weights, String name, Tensor x, Tensor tokens) {
        Tensor gate = activation.apply(weights.linear(name + "w1", x, tokens));
        return weights.linear(name + "w2", gate.mul(weights.linear(name + "w3", x, tokens)), tokens);
    }
}
