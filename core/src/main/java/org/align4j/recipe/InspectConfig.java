package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.config.Keys;

/** What {@code align4j data inspect} can be told. */
public record InspectConfig(
        @Key(doc = "rows of any type: a file, a folder or a pattern", required = true, hub = HubUse.TRAIN_DATA)
        Path data,

        @Key(doc = "rows kept for evaluation: how many prompts are in both is counted", hub = HubUse.EVAL_DATA)
        Optional<Path> evalData,

        @Key(
                doc =
                        "folder of a Hugging Face model, or a GGUF file: lengths are then tokens of its tokenizer, and one row is shown as tokens",
                hub = HubUse.TOKENIZER)
        Optional<Path> model,

        @Key(value = "1", doc = "the row to show, among the good ones")
        int row,

        @Key(value = "1024", doc = "tokens of prompt + completion at most, as in training")
        int maxLength,

        @Keys TurnsConfig turns) {

    /** The keys. */
    public static final ConfigSchema<InspectConfig> SCHEMA = new ConfigSchema<>(InspectConfig.class);

    public InspectConfig {
        if (row < 1) {
            throw AlignException.usage("row is " + row + ", expected 1 for the first or more");
        }
    }
}
