package org.align4j.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;

/**
 * Cuts a rendered conversation where its last message ends, by transformers' means: a tag is put at the end of the
 * message, and the text is cut where the tag comes out.
 */
record Continuation(String message) {
    private static final String WORD = "CONTINUE_FINAL_MESSAGE_TAG";
    private static final String TAG = WORD + " ";

    /**
     * Puts the tag into the last message.
     *
     * @param field the field to continue
     * @param template the template's text, which must read that field
     */
    static Continuation mark(List<Map<String, Object>> chat, String field, String template) {
        Map<String, Object> last = new LinkedHashMap<>(chat.get(chat.size() - 1));
        chat.set(chat.size() - 1, last);
        Object value = last.get(field);
        if (value == null) {
            throw AlignException.badInput("the last message has no " + field + " to continue, found: "
                    + String.join(", ", last.keySet()) + "; add it, or do not continue the last message");
        }
        List<String> fields = new ArrayList<>(List.of(field));
        if (ChatMessages.REASONING.contains(field)) {
            fields.clear();
            for (String name : ChatMessages.REASONING) {
                if (value.equals(last.get(name))) {
                    fields.add(name);
                }
            }
        }
        if (fields.stream().noneMatch(template::contains)) {
            throw AlignException.badInput("the chat template does not read the field " + field
                    + " that is to be continued; continue another one");
        }
        if (value instanceof List<?> parts) {
            return markPart(last, field, parts);
        }
        if (!(value instanceof String text)) {
            throw AlignException.badInput("the " + field + " of the last message is neither text nor a list of parts,"
                    + " expected something to continue; do not continue the last message");
        }
        for (String name : fields) {
            last.put(name, text + TAG);
        }
        return new Continuation(text);
    }

    private static Continuation markPart(Map<String, Object> last, String field, List<?> parts) {
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (parts.get(i) instanceof Map<?, ?> part && part.get("text") instanceof String text) {
                Map<Object, Object> marked = new LinkedHashMap<>(part);
                marked.put("text", text + TAG);
                List<Object> copy = new ArrayList<>(parts);
                copy.set(i, marked);
                last.put(field, copy);
                return new Continuation(text);
            }
        }
        throw AlignException.badInput(
                "the " + field + " of the last message has no part with text to continue; add one");
    }

    /** The text up to the end of the message. */
    String cut(String rendered) {
        int at = rendered.lastIndexOf(WORD);
        if (at < 0 || !rendered.contains(strip(message, true))) {
            throw AlignException.badInput(
                    "the last message does not come out whole, so it cannot be continued: the chat"
                            + " template leaves out or changes parts of it; check both");
        }
        // Where the template trims messages, the blanks before the tag are not the message's end either.
        return rendered.startsWith(TAG, at) ? rendered.substring(0, at) : strip(rendered.substring(0, at), false);
    }

    /** Python's {@code strip} or {@code rstrip}. */
    private static String strip(String text, boolean left) {
        int from = 0;
        int to = text.length();
        while (left && from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }
}
