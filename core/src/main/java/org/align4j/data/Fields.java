package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Typed access to the fields of a row, with the errors that go with it. A field that is null is a field that is absent:
 * that is how tables write a column that a row does not have.
 */
record Fields(JsonNode row, Source source) {
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?");

    boolean has(String name) {
        return row.hasNonNull(name);
    }

    /** Text of any length. */
    String text(String name) throws BadRowException {
        return text(required(name), "`" + name + "`");
    }

    /** Whether there is a prompt, as text, under its own name or Alpaca's. */
    boolean hasPrompt() {
        return has("prompt") || has("instruction");
    }

    /** The prompt: {@code prompt}, or Alpaca's {@code instruction} with its {@code input} on the next line. */
    String prompt() throws BadRowException {
        if (has("prompt") || !has("instruction")) {
            return text("prompt");
        }
        String input = has("input") ? text("input") : "";
        return input.isEmpty() ? text("instruction") : text("instruction") + "\n" + input;
    }

    /** Text of at least one character. */
    String completion(String name) throws BadRowException {
        return notEmpty(text(name), "`" + name + "`");
    }

    /** Whole numbers, as doubles. */
    List<Double> integers(String name) throws BadRowException {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : list(name)) {
            if (!element.isIntegralNumber()) {
                throw wrongType("`%s[%d]`".formatted(name, numbers.size()), element, "a whole number");
            }
            numbers.add(element.asDouble());
        }
        return numbers;
    }

    List<Double> finiteNumbers(String name) throws BadRowException {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : list(name)) {
            String which = "`%s[%d]`".formatted(name, numbers.size());
            double number = element.isNumber() ? element.doubleValue() : number(element);
            if (!element.isNumber() && Double.isNaN(number)) {
                throw wrongType(which, element, "a number");
            }
            if (!Double.isFinite(number)) {
                throw bad(BadRows.Reason.NOT_FINITE, which + " is " + number + ", expected a finite number");
            }
            numbers.add(number);
        }
        return numbers;
    }

    /** A finite number, also as text (CSV has no other), or NaN where the field is no such thing. */
    double numberOrNaN(String name) {
        return number(row.path(name));
    }

    static double number(JsonNode node) {
        double number = Double.NaN;
        if (node.isNumber()) {
            number = node.doubleValue();
        } else if (node.isString() && NUMBER.matcher(node.stringValue()).matches()) {
            number = Double.parseDouble(node.stringValue());
        }
        return Double.isFinite(number) ? number : Double.NaN;
    }

    boolean truth(String name) throws BadRowException {
        return truth(required(name), name);
    }

    /** True or false, 1 or 0, also as text. */
    boolean truth(JsonNode node, String place) throws BadRowException {
        return switch (node.isString() ? node.stringValue().toLowerCase(Locale.ROOT) : node.toString()) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                throw bad(
                        BadRows.Reason.WRONG_TYPE,
                        "`%s` is %s, expected true (desirable) or false".formatted(place, node));
        };
    }

    BadRowException bad(BadRows.Reason reason, String what) {
        return new BadRowException(reason, source, what);
    }

    /** The fields that a row has, for messages. */
    String names() {
        return row.isEmpty() ? "none" : String.join(", ", row.propertyNames());
    }

    /** What a JSON value is, for messages. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            case MISSING -> "nothing";
            case BINARY, POJO -> "a value of no JSON kind";
        };
    }

    /** What a value is, for messages: itself if it is short. */
    private static String found(JsonNode node) {
        return node.isString()
                ? "the text " + BadRowException.quote(node.stringValue())
                : node.isContainer() ? kind(node) : node.toString();
    }

    JsonNode required(String name) throws BadRowException {
        if (row.has(name) && !has(name)) {
            throw bad(BadRows.Reason.MISSING_FIELD, "`%s` is null, expected a value".formatted(name));
        }
        if (!has(name)) {
            throw bad(
                    BadRows.Reason.MISSING_FIELD,
                    "field `%s` is missing, found: %s; rename or add the column".formatted(name, names()));
        }
        return row.get(name);
    }

    JsonNode list(String name) throws BadRowException {
        JsonNode list = required(name);
        if (!list.isArray()) {
            throw wrongType("`" + name + "`", list, "a list");
        }
        return list;
    }

    String text(JsonNode node, String which) throws BadRowException {
        if (node.isArray() || node.isObject()) {
            throw bad(
                    BadRows.Reason.CONVERSATION,
                    "%s is %s, expected plain text, as the other columns of this row have it"
                            .formatted(which, node.isArray() ? "a list (of messages?)" : "an object (a message?)"));
        }
        if (!node.isString()) {
            throw wrongType(which, node, "text");
        }
        String text = node.stringValue();
        int broken = loneSurrogate(text);
        if (broken >= 0) {
            throw bad(
                    BadRows.Reason.MALFORMED_TEXT,
                    "%s has half a surrogate pair (\\u%04x) at character %d, which is no text; write the file again"
                            .formatted(which, (int) text.charAt(broken), broken + 1));
        }
        return text;
    }

    String notEmpty(String text, String which) throws BadRowException {
        if (text.isEmpty()) {
            throw bad(BadRows.Reason.EMPTY_COMPLETION, which + " is empty, expected at least one character");
        }
        return text;
    }

    private BadRowException wrongType(String which, JsonNode node, String expected) {
        return bad(BadRows.Reason.WRONG_TYPE, "%s is %s, expected %s".formatted(which, found(node), expected));
    }

    /** Position of a surrogate without its other half, or -1. No tokenizer can encode one. */
    private static int loneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }
}
