package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.generate.Sampling;

/** What {@code align4j chat} can be told. */
public record ChatConfig(
        @Key(
                doc =
                        "folder of a Hugging Face chat model, a GGUF file, or the folder of an adapter that names its base",
                required = true,
                hub = HubUse.MODEL)
        Path model,

        @Key(doc = "folder of a LoRA adapter over the model", hub = HubUse.ADAPTER)
        Optional<Path> adapter,

        @Key(
                doc =
                        "folder or GGUF file of a second model (or folder of an adapter) that answers too, with a history of its own",
                hub = HubUse.MODEL)
        Optional<Path> compare,

        @Key(
                doc =
                        "chat template in the place of the model's own: a file, a folder, the template itself, or the name of another of"
                                + " the model's")
        Optional<String> chatTemplate,

        @Key(doc = "what the model is told first, as a message of the system")
        Optional<String> system,

        @Key(value = "512", doc = "tokens of an answer at most")
        int maxNewTokens,

        @Key(value = "0.7", doc = "logits are divided by it; 0 always takes the most probable token")
        double temperature,

        @Key(value = "0.9", doc = "draw from the most probable tokens that together reach this probability")
        double topP,

        @Key(value = "0", doc = "draw from the k most probable tokens; 0: from all")
        int topK,

        @Key(value = "0", doc = "draw from tokens at least this times as probable as the best; 0: from all")
        double minP,

        @Key(
                value = "1.0",
                doc = "logits of tokens already there are divided by it (multiplied where negative); 1 changes nothing")
        double repetitionPenalty,

        @Key(value = "42", doc = "with the conversation it fixes the answer")
        long seed,

        @Key(value = "auto", doc = "type to compute in; auto takes bf16 where the processor multiplies it natively")
        ComputeType dtype) {

    /** The keys. */
    public static final ConfigSchema<ChatConfig> SCHEMA = new ConfigSchema<>(ChatConfig.class);

    public ChatConfig {
        new Sampling(1, maxNewTokens, temperature, topP, topK, minP, repetitionPenalty, seed); // checks all of them
    }

    Sampling sampling(int turn) {
        return new Sampling(1, maxNewTokens, temperature, topP, topK, minP, repetitionPenalty, seed + turn);
    }
}
