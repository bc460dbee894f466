package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.align4j.AlignException;
import org.align4j.config.Commas;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.data.Merging;
import org.align4j.data.OnBadRow;
import org.align4j.data.PairChoice;
import org.align4j.data.RowFormat;
import org.align4j.data.RowType;

/** What {@code align4j data convert} can be told. */
public record ConvertConfig(
        @Key(
                doc = "rows of any type: a file, a folder or a pattern, or several with commas between",
                required = true,
                hub = HubUse.TRAIN_DATA)
        List<Path> data,

        @Key(
                doc = "file to write; its name says the format: .jsonl, .json, .csv, .tsv (also .gz, .zst) or .parquet",
                required = true)
        Path output,

        @Key(doc = "type of the rows to write", required = true)
        RowType to,

        @Key(value = "all", doc = "which pairs of a longer ranking become preferences")
        PairChoice rankingPairs,

        @Key(
                value = "none",
                doc =
                        "make one ranking of several people's judgements: of the same answers, or of all answers to a prompt; scores are mean grades")
        Merging.Scope merge,

        @Key(doc = "further columns to take along, with commas between; all takes all")
        Optional<String> keepColumns,

        @Key(value = "false", doc = "write conversations out as text, with the chat template of --model")
        boolean render,

        @Key(doc = "folder of a Hugging Face model, or a GGUF file, for --render", hub = HubUse.TOKENIZER)
        Optional<Path> model,

        @Key(
                doc =
                        "for --render, chat template in the place of the model's own: a file, the template itself, or the name of"
                                + " another of the model's")
        Optional<String> chatTemplate,

        @Key(value = "false", doc = "write texts as messages: prompts as the user's, answers as the assistant's")
        boolean conversational,

        @Key(value = "fail", doc = "what to do with a row that cannot be used")
        OnBadRow onBadRow) {

    /** The keys. */
    public static final ConfigSchema<ConvertConfig> SCHEMA = new ConfigSchema<>(ConvertConfig.class);

    public ConvertConfig {
        RowFormat.of(output);
        if (render != model.isPresent()) {
            throw AlignException.usage(
                    render
                            ? "render is given without a model, whose chat template would write; add --model"
                            : "model is given, which only render needs; add --render, or leave it out");
        }
        if (chatTemplate.isPresent() && !render) {
            throw AlignException.usage(
                    "chat_template is given, which only render needs; add --render, or leave it out");
        }
        if (render && conversational) {
            throw AlignException.usage(
                    "render makes text of messages, and conversational makes messages of text; leave out one");
        }
        if (render && Set.of(RowType.MESSAGES, RowType.SHAREGPT).contains(to)) {
            throw AlignException.usage(
                    "render makes text of conversations, and the rows of to are conversations; leave out one");
        }
    }

    Set<String> columns() {
        return keepColumns
                .map(names -> (Set<String>) new TreeSet<>(Commas.split(names)))
                .orElse(Set.of());
    }
}
