package org.align4j.recipe;

import java.nio.file.Path;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;

/** What {@code align4j merge} can be told. */
public record MergeConfig(
        @Key(
                doc = "folder of the Hugging Face model, or the GGUF file, under the adapter",
                required = true,
                hub = HubUse.MODEL)
        Path model,

        @Key(doc = "folder of the LoRA adapter", required = true, hub = HubUse.ADAPTER)
        Path adapter,

        @Key(doc = "folder to write, which must not exist yet or be empty", required = true)
        Path output,

        @Key(value = "float32", doc = "type of the written weights; bf16 is half the size and rounds")
        SaveType saveDtype) {

    /** The keys. */
    public static final ConfigSchema<MergeConfig> SCHEMA = new ConfigSchema<>(MergeConfig.class);
}
