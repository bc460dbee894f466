package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.config.Keys;

/** What {@code align4j data inspect} can be told. */
public record InspectConfig(
        @Key(
                doc = "rows of any type: a file, a folder or a pattern, or several with commas between",
                required = true,
                hub = HubUse.TRAIN_DATA)
        List<Path> data,

        @Key(doc = "rows kept for evaluation: how many prompts are in both is counted", hub = HubUse.EVAL_DATA)
        List<Path> evalData,

        @Key(
                doc =
                        "folder of a Hugging Face model, or a GGUF file: lengths are then tokens of its tokenizer, and one row is shown as tokens",
                hub = HubUse.TOKENIZER)
        Optional<Path> model,

        @Key(
                doc =
                        "chat template in the place of the model's own: a file, a folder, the template itself, or the name of another of"
                                + " the model's")
        Optional<String> chatTemplate,

        @Key(doc = "number of the row to show, among the good ones; by default the first that training keeps")
        Optional<Integer> row,

        @Key(value = "1024", doc = "tokens of prompt + completion at most, as in training")
        int maxLength,

        @Key(value = "\\n", doc = "what is put after each step of a solution, as prm does; \\n is a new line")
        String stepSeparator,

        @Keys TurnsConfig turns) {

    /** The keys. */
    public static final ConfigSchema<InspectConfig> SCHEMA = new ConfigSchema<>(InspectConfig.class);

    public InspectConfig {
        if (row.orElse(1) < 1) {
            throw AlignException.usage("row is " + row.get() + ", expected 1 for the first or more");
        }
        if (chatTemplate.isPresent() && model.isEmpty()) {
            throw AlignException.usage(
                    "chat_template is given without a model, whose tokens it would need; add --model");
        }
    }
}
