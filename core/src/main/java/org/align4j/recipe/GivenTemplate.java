package org.align4j.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.text.ChatTemplate;

/**
 * The key {@code chat_template}: a file (a template, or a tokenizer_config.json that has one), the folder of a model, a
 * template, or as in transformers the name of one of the model's templates.
 */
final class GivenTemplate {
    private GivenTemplate() {}

    /** What was given in the place of the model's own template, with the model's special tokens; else that. */
    static Supplier<ChatTemplate> orOwn(Optional<String> given, Path model) {
        if (given.isEmpty()) {
            return ChatTemplate.onFirstUse(model);
        }
        ChatTemplate template = ChatTemplate.replaced(model, text(given.get(), model), "chat_template");
        return () -> template;
    }

    /** The template itself. */
    static String text(String given, Path model) {
        String named = ChatTemplate.sources(model).get(given);
        return named != null ? named : text(given);
    }

    /** The same where there is no model that may have one of that name. */
    static String text(String given) {
        if (given.contains("{") || given.contains("\n")) {
            return given;
        }
        try {
            Path path = Path.of(given);
            return Files.isDirectory(path)
                    ? ChatTemplate.ofModel(path)
                    : ChatTemplate.ofFile(Files.readString(path), path);
        } catch (InvalidPathException | IOException e) {
            throw AlignException.usage("chat_template is " + given
                    + ", expected a file in UTF-8, a template with {{ … }} or {% … %}, or the name of one that the model has;"
                    + " check the path");
        }
    }
}
