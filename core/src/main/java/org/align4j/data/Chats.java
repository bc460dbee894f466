package org.align4j.data;

import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.text.ChatTemplate;

/**
 * How rows that are conversations become text.
 *
 * @param template asked for at the first conversation; it fails where a model has none
 * @param turns which of their messages are trained on
 */
public record Chats(Supplier<ChatTemplate> template, TrainedTurns turns) {
    /** Where no model is at hand: a conversation is an error. */
    public static final Chats NONE = of(() -> {
        throw AlignException.badInput("there is no model whose chat template could write it; write it out first");
    });

    /** Everything is trained on. */
    public static Chats of(Supplier<ChatTemplate> template) {
        return new Chats(template, TrainedTurns.ALL);
    }
}
