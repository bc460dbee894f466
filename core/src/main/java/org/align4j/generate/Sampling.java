package org.align4j.generate;

import org.align4j.AlignException;

/**
 * How tokens are drawn. What changes the distribution applies in the order of transformers: repetition penalty,
 * temperature, top-k, top-p, min-p.
 *
 * @param completions how many completions of each prompt
 * @param maxNewTokens tokens of a completion at most
 * @param temperature logits are divided by it; 0 is greedy
 * @param topP keep the most probable tokens that together reach this probability (Holtzman et al. 2020); 1 keeps all
 * @param topK keep the k most probable tokens; 0 keeps all
 * @param minP keep tokens at least this times as probable as the best (Nguyen et al. 2024); 0 keeps all
 * @param repetitionPenalty logits of tokens that the prompt or the completion already has are divided by it where
 *     positive and multiplied where negative (Keskar et al. 2019); 1 changes nothing
 * @param seed with the prompt's tokens and a completion's number it fixes every draw, whatever else is in the batch
 */
public record Sampling(
        int completions,
        int maxNewTokens,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        long seed) {
    public Sampling {
        require(completions >= 1, "n", completions, "1 or more");
        require(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "1 or more");
        require(temperature >= 0 && temperature < Double.MAX_VALUE, "temperature", temperature, "0 (greedy) or more");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
        require(topK >= 0, "top_k", topK, "0 (all) or more");
        require(minP >= 0 && minP <= 1, "min_p", minP, "0 to 1");
        require(
                repetitionPenalty > 0 && repetitionPenalty < Double.MAX_VALUE,
                "repetition_penalty",
                repetitionPenalty,
                "above 0; 1 changes nothing");
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw AlignException.usage(key + " is " + value + ", expected " + expected);
        }
    }

    /** From the model's own distribution. */
    public static Sampling plain(int completions, int maxNewTokens, long seed) {
        return new Sampling(completions, maxNewTokens, 1, 1, 0, 0, 1, seed);
    }

    /** One completion of each prompt, always the most probable token. */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(1, maxNewTokens, 0, 1, 0, 0, 1, 0);
    }

    public boolean isGreedy() {
        return temperature == 0;
    }
}
