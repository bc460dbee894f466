package org.align4j.recipe;

import java.util.Arrays;
import java.util.function.Consumer;
import org.align4j.text.Tokenizer;

/** Writes a text as its tokens come. What may still change with the next token is held back. */
final class TextStream {
    /** What half a character decodes to. */
    private static final String UNFINISHED = "\uFFFD";

    private final Tokenizer tokenizer;
    private final Consumer<String> written;
    private int[] tokens = new int[64];
    private int count;
    private int shown; // characters

    TextStream(Tokenizer tokenizer, Consumer<String> written) {
        this.tokenizer = tokenizer;
        this.written = written;
    }

    void add(int token) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
        }
        tokens[count] = token;
        count++;
        String text = text();
        if (!text.endsWith(UNFINISHED)) {
            show(text);
        }
    }

    /** Shows the rest, and returns the whole. */
    String end() {
        String text = text();
        show(text);
        return text;
    }

    private String text() {
        return tokenizer.decode(Arrays.copyOf(tokens, count), true);
    }

    private void show(String text) {
        if (text.length() > shown) {
            written.accept(text.substring(shown));
            shown = text.length();
        }
    }
}
