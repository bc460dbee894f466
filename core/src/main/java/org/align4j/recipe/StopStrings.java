package org.align4j.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.generate.Stop;
import org.align4j.text.Tokenizer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts that end a completion as soon as they appear in it, wherever their tokens begin and end. */
final class StopStrings implements Stop.Rule {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final List<String> texts;
    private final Tokenizer tokenizer;
    private final int window; // every token but the odd one writes at least a character

    StopStrings(List<String> texts, Tokenizer tokenizer) {
        this.texts = List.copyOf(texts);
        this.tokenizer = tokenizer;
        int longest = texts.stream().mapToInt(String::length).max().orElse(0);
        this.window = longest == 0 ? 0 : 4 * longest + 16; // a character may take four tokens of a byte each
    }

    /** The texts of a {@code stop} key: a JSON list of texts, or one plain text. */
    static List<String> parse(Optional<String> key) {
        if (key.isEmpty()) {
            return List.of();
        }
        String value = key.get();
        if (!value.startsWith("[")) {
            return List.of(value);
        }
        try {
            JsonNode list = MAPPER.readTree(value);
            for (JsonNode text : list) {
                if (!text.isString() || text.stringValue().isEmpty()) {
                    throw AlignException.usage("stop has " + text + ", expected texts that are not empty");
                }
            }
            return list.valueStream().map(JsonNode::stringValue).toList();
        } catch (JacksonException e) {
            throw AlignException.usage("stop begins with [ and is no JSON list, got " + value
                    + "; expected for example [\"\\n\\n\", \"User:\"]");
        }
    }

    @Override
    public boolean ends(int[] tokens, int length) {
        if (texts.isEmpty()) {
            return false;
        }
        String tail = tokenizer.decode(Arrays.copyOfRange(tokens, Math.max(0, length - window), length), true);
        return texts.stream().anyMatch(tail::contains);
    }

    /** The text before the first of the stop strings. */
    String cut(String text) {
        int end = text.length();
        for (String stop : texts) {
            int at = text.indexOf(stop);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return text.substring(0, end);
    }
}
