package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;

/** What {@code align4j template} can be told. */
public record TemplateConfig(
        @Key(
                doc = "file of the conversation: a JSON array of messages, or an object with the field messages",
                required = true)
        Path messages,

        @Key(
                doc = "folder of the Hugging Face model, or the GGUF file, whose chat template it is",
                hub = HubUse.TOKENIZER)
        Optional<Path> model,

        @Key(doc = "file with a chat template (Jinja); special tokens come from set then")
        Optional<Path> template,

        @Key(
                doc =
                        "template in the place of the model's default: a file, the template itself, or the name of one of the"
                                + " model's; without it that is tool_use with tools if there is one, else default")
        Optional<String> chatTemplate,

        @Key(doc = "file with a JSON array of function schemas")
        Optional<Path> tools,

        @Key(doc = "file with a JSON array of documents") Optional<Path> documents,

        @Key(value = "false", doc = "end with what begins an answer")
        boolean addGenerationPrompt,

        @Key(value = "false", doc = "end where the last message ends, for a model to go on with it")
        boolean continueFinalMessage,

        @Key(
                doc = "a variable of the template, as name=JSON, also several times; or a JSON object of such",
                repeatable = true)
        Optional<String> set,

        @Key(value = "false", doc = "print on standard error which parts are the model's, as JSON")
        boolean mask) {

    /** The keys. */
    public static final ConfigSchema<TemplateConfig> SCHEMA = new ConfigSchema<>(TemplateConfig.class);

    public TemplateConfig {
        if (template.isPresent() && (model.isPresent() || chatTemplate.isPresent())) {
            throw AlignException.usage("template is given, and " + (model.isPresent() ? "model" : "chat_template")
                    + " too; a template for a model goes into chat_template");
        }
        if (template.isEmpty() && model.isEmpty() && chatTemplate.isEmpty()) {
            throw AlignException.usage("expected one of model and template, got none");
        }
    }
}
