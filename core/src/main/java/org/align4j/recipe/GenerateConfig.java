package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.data.OnBadRow;
import org.align4j.generate.Sampling;

/** What {@code align4j generate} can be told. */
public record GenerateConfig(
        @Key(
                doc =
                        "folder of the Hugging Face model that writes, or its GGUF file, or folder of an adapter that names its base",
                required = true,
                hub = HubUse.MODEL)
        Path model,

        @Key(doc = "folder of a LoRA adapter over the model", hub = HubUse.ADAPTER)
        Optional<Path> adapter,

        @Key(doc = "text to complete") Optional<String> prompt,

        @Key(value = "false", doc = "write the prompt as a user's message, with the model's chat template")
        boolean chat,

        @Key(
                doc =
                        "chat template in the place of the model's own: a file, a folder, the template itself, or the name of another of"
                                + " the model's")
        Optional<String> chatTemplate,

        @Key(
                doc = "file of prompts: rows with a prompt (text or messages), or preference pairs, as for dpo",
                hub = HubUse.ANY_DATA)
        Optional<Path> data,

        @Key(doc = "file to write; standard output by default")
        Optional<Path> output,

        @Key(value = "1", doc = "completions of each prompt")
        int n,

        @Key(value = "128", doc = "tokens of a completion at most")
        int maxNewTokens,

        @Key(value = "1.0", doc = "logits are divided by it; 0 is greedy")
        double temperature,

        @Key(value = "1.0", doc = "draw from the most probable tokens that together reach this probability")
        double topP,

        @Key(value = "0", doc = "draw from the k most probable tokens; 0: from all")
        int topK,

        @Key(value = "0", doc = "draw from tokens at least this times as probable as the best; 0: from all")
        double minP,

        @Key(
                value = "1.0",
                doc = "logits of tokens already there are divided by it (multiplied where negative); 1 changes nothing")
        double repetitionPenalty,

        @Key(doc = "texts that end a completion and are left out of it, as a JSON list or one plain text")
        Optional<String> stop,

        @Key(value = "false", doc = "write the log-probability of each token too")
        boolean logps,

        @Key(value = "false", doc = "always take the most probable token")
        boolean greedy,

        @Key(value = "42", doc = "with a prompt it fixes its completions, whatever else is in the file")
        long seed,

        @Key(value = "fail", doc = "what to do with a broken row: stop, or count it and go on")
        OnBadRow onBadRow,

        @Key(value = "float32", doc = "type to compute in; auto takes bf16 where the processor multiplies it natively")
        ComputeType dtype) {

    /** The keys. */
    public static final ConfigSchema<GenerateConfig> SCHEMA = new ConfigSchema<>(GenerateConfig.class);

    public GenerateConfig {
        if (prompt.isPresent() == data.isPresent()) {
            throw AlignException.usage(
                    "expected one of prompt and data, got " + (prompt.isPresent() ? "both" : "none"));
        }
        if (chat && data.isPresent()) {
            throw AlignException.usage(
                    "chat is for prompt; rows of data that are conversations are written with the chat template anyway");
        }
        if (greedy && n != 1) {
            throw AlignException.usage(
                    "n is " + n + " with greedy, which gives the same completion every time; leave one out");
        }
        if (greedy && ((temperature != 0 && temperature != 1) || topP != 1 || topK != 0 || minP != 0)) {
            throw AlignException.usage(
                    "greedy takes the most probable token, whatever temperature, top_p, top_k and min_p are; leave one out");
        }
        new Sampling(
                n,
                maxNewTokens,
                greedy ? 0 : temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                seed); // checks all of them
        StopStrings.parse(stop);
    }

    List<String> stopTexts() {
        return StopStrings.parse(stop);
    }

    Sampling sampling() {
        return new Sampling(n, maxNewTokens, greedy ? 0 : temperature, topP, topK, minP, repetitionPenalty, seed);
    }
}
