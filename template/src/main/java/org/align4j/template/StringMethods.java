package org.align4j.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/** The methods of {@code str}, but for those that make bytes or translate by tables. */
final class StringMethods {
    private StringMethods() {}

    /** The method, bound to its text, or null if there is none of this name. */
    static Callable find(String text, String name) {
        Callable method = simple(text, name);
        if (method == null) {
            return null;
        }
        return (render, arguments) -> {
            render.budget().spend(text.length() / 4);
            Markup markup = render.markup();
            Object result = method.call(render, markup.arguments(text, name, arguments));
            render.budget().size(result);
            return markup.keep(text, result);
        };
    }

    private static Callable simple(String text, String name) {
        return switch (name) {
            case "upper" -> none(name, () -> Letters.upper(text));
            case "lower" -> none(name, () -> Letters.lower(text));
            case "casefold" -> none(name, () -> Letters.caseFolded(text));
            case "title" -> none(name, () -> Letters.titled(text));
            case "capitalize" -> none(name, () -> Letters.capitalized(text));
            case "swapcase" -> none(name, () -> Letters.swapped(text));
            case "strip" -> (render, arguments) -> strip(render, text, arguments, name, true, true);
            case "lstrip" -> (render, arguments) -> strip(render, text, arguments, name, true, false);
            case "rstrip" -> (render, arguments) -> strip(render, text, arguments, name, false, true);
            case "split" -> (render, arguments) -> Splitting.split(render, text, arguments, false);
            case "rsplit" -> (render, arguments) -> Splitting.split(render, text, arguments, true);
            case "splitlines" ->
                (render, arguments) -> {
                    Object[] given = arguments.bind(name, 0, "keepends");
                    return Splitting.lines(text, Values.truth(Arguments.or(given[0], false)));
                };
            case "partition" -> (render, arguments) -> Splitting.partition(text, arguments, false);
            case "rpartition" -> (render, arguments) -> Splitting.partition(text, arguments, true);
            case "join" -> (render, arguments) -> join(render, text, arguments.positional(name, 1, 1)[0]);
            case "replace" ->
                (render, arguments) -> {
                    Object[] given = arguments.positional(name, 2, 3);
                    int count = Values.index(Arguments.or(given[2], -1L));
                    return replace(render, text, string(name, given[0]), string(name, given[1]), count);
                };
            case "startswith" -> (render, arguments) -> affix(text, arguments, name, true);
            case "endswith" -> (render, arguments) -> affix(text, arguments, name, false);
            case "removeprefix" ->
                (render, arguments) -> {
                    String prefix = string(name, arguments.positional(name, 1, 1)[0]);
                    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                };
            case "removesuffix" ->
                (render, arguments) -> {
                    String suffix = string(name, arguments.positional(name, 1, 1)[0]);
                    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
                };
            case "find", "rfind", "index", "rindex", "count" ->
                (render, arguments) -> search(render, text, name, arguments);
            case "center", "ljust", "rjust" ->
                (render, arguments) -> {
                    Object[] given = arguments.positional(name, 1, 2);
                    return pad(render, text, name, Values.index(given[0]), string(name, Arguments.or(given[1], " ")));
                };
            case "zfill" ->
                (render, arguments) -> {
                    int width = Values.index(arguments.positional(name, 1, 1)[0]);
                    int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
                    return text.substring(0, sign)
                            + pad(render, text.substring(sign), "rjust", Math.max(width - sign, 0), "0");
                };
            case "expandtabs" ->
                (render, arguments) -> {
                    Object[] given = arguments.bind(name, 0, "tabsize");
                    return expandTabs(render, text, Values.index(Arguments.or(given[0], 8L)));
                };
            case "format" -> (render, arguments) -> StrFormat.format(render, text, arguments);
            case "format_map" ->
                (render, arguments) ->
                        StrFormat.formatMap(render, text, arguments.positional(name, 1, 1)[0]);
            default -> predicate(text, name);
        };
    }

    private interface Maker {
        Object make();
    }

    private static Callable none(String name, Maker maker) {
        return (render, arguments) -> {
            arguments.positional(name, 0, 0);
            return maker.make();
        };
    }

    private static Callable predicate(String text, String name) {
        return switch (name) {
            case "isdigit" ->
                all(
                        name,
                        text,
                        c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                                || "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(c) >= 0);
            case "isdecimal" -> all(name, text, c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER);
            case "isnumeric" -> all(name, text, StringMethods::isNumeric);
            case "isalpha" -> all(name, text, Character::isLetter);
            case "isalnum" -> all(name, text, c -> Character.isLetter(c) || isNumeric(c));
            case "isspace" -> all(name, text, Chars::isSpace);
            case "isascii" -> none(name, () -> text.chars().allMatch(c -> c < 128));
            case "isprintable" -> none(name, () -> text.codePoints().allMatch(Chars::isPrintable));
            case "islower" -> none(name, () -> Letters.areAll(text, true));
            case "isupper" -> none(name, () -> Letters.areAll(text, false));
            case "istitle" -> none(name, () -> Letters.areTitle(text));
            case "isidentifier" -> none(name, () -> isIdentifier(text));
            default -> null;
        };
    }

    private static Callable all(String name, String text, IntPredicate predicate) {
        return none(name, () -> !text.isEmpty() && text.codePoints().allMatch(predicate));
    }

    static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean isIdentifier(String text) {
        if (text.isEmpty() || !Character.isUnicodeIdentifierStart(text.codePointAt(0)) && text.charAt(0) != '_') {
            return false;
        }
        return text.codePoints().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
    }

    static String string(String function, Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        throw new EvalError(function + "() needs a str, got " + Values.typeName(value));
    }

    private static String strip(
            Render render, String text, Arguments arguments, String name, boolean left, boolean right) {
        Object chars = Arguments.or(arguments.positional(name, 0, 1)[0], null);
        return strip(render, text, chars == null ? null : string(name, chars), left, right);
    }

    /**
     * Strips characters off the ends.
     *
     * @param chars those to strip; null: blanks
     */
    static String strip(Render render, String text, String chars, boolean left, boolean right) {
        int[] set = chars == null ? null : chars.codePoints().sorted().toArray();
        IntPredicate goes = set == null ? Chars::isSpace : c -> Arrays.binarySearch(set, c) >= 0;
        render.budget().spend(chars == null ? 0 : chars.length());
        int from = 0;
        int to = text.length();
        while (left && from < to && goes.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && goes.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static String join(Render render, String separator, Object values) {
        List<String> parts = new ArrayList<>();
        for (Object value : Values.list(render.budget(), values)) {
            if (!(value instanceof String part)) {
                throw new EvalError("sequence item " + parts.size() + ": expected str instance, "
                        + Values.typeName(value) + " found");
            }
            parts.add(part);
        }
        return join(render, separator, parts);
    }

    static String join(Render render, String separator, List<String> parts) {
        long length = (long) separator.length() * Math.max(parts.size() - 1, 0);
        for (String part : parts) {
            length += part.length();
        }
        render.budget().text(length);
        return String.join(separator, parts);
    }

    /** Replaces the first so many occurrences, all if {@code count} is negative. */
    static String replace(Render render, String text, String old, String by, int count) {
        long left = count < 0 ? Long.MAX_VALUE : count;
        StringBuilder result = new StringBuilder();
        int at = 0;
        if (old.isEmpty()) { // between all characters, and at both ends
            while (left-- > 0) {
                render.budget().text(result.length() / 64 + (long) by.length());
                result.append(by);
                if (at == text.length()) {
                    break;
                }
                int c = text.codePointAt(at);
                result.appendCodePoint(c);
                at += Character.charCount(c);
                render.budget().checkLength(result.length());
            }
            return result.append(text, at, text.length()).toString();
        }
        for (int found = Chars.indexOf(text, old, 0); found >= 0 && left-- > 0; found = Chars.indexOf(text, old, at)) {
            result.append(text, at, found).append(by);
            at = found + old.length();
            render.budget().spend(1 + (old.length() > 32 ? old.length() : 0));
            render.budget().checkLength(result.length());
        }
        return result.append(text, at, text.length()).toString();
    }

    private static boolean affix(String text, Arguments arguments, String name, boolean start) {
        Object[] given = arguments.positional(name, 1, 3);
        int length = Chars.length(text);
        Object first = Arguments.or(given[1], null);
        int from = bound(first, 0, length);
        int to = bound(Arguments.or(given[2], null), length, length);
        boolean outside = from > to || first != null && Values.index(first) > length;
        String part = outside ? null : text.substring(Chars.offset(text, from), Chars.offset(text, to));
        List<?> wanted = given[0] instanceof Tuple tuple ? tuple : Collections.singletonList(given[0]);
        for (Object each : wanted) {
            if (!(each instanceof String affix)) {
                throw new EvalError(name + " first arg must be str or a tuple of str, not " + Values.typeName(each));
            }
            if (part != null && (start ? part.startsWith(affix) : part.endsWith(affix))) {
                return true;
            }
        }
        return false;
    }

    private static int bound(Object value, int absent, int length) {
        if (value == null) {
            return absent;
        }
        long index = Values.index(value);
        return (int) Math.max(0, Math.min(length, index < 0 ? index + length : index));
    }

    private static Object search(Render render, String text, String name, Arguments arguments) {
        Object[] given = arguments.positional(name, 1, 3);
        String wanted = string(name, given[0]);
        int length = Chars.length(text);
        Object first = Arguments.or(given[1], null);
        boolean beyond = first != null && Values.index(first) > length;
        int from = Chars.offset(text, bound(first, 0, length));
        int to = Chars.offset(text, bound(Arguments.or(given[2], null), length, length));
        String part = from <= to && !beyond ? text.substring(from, to) : null;
        if (name.equals("count")) {
            return part == null ? 0L : count(render, part, wanted);
        }
        int found = -1;
        if (part != null) {
            found = name.startsWith("r")
                    ? Chars.lastIndexOf(part, wanted, part.length() - wanted.length())
                    : Chars.indexOf(part, wanted, 0);
        }
        if (found < 0 && name.endsWith("index")) {
            throw new EvalError("substring not found");
        }
        return found < 0 ? -1L : (long) text.codePointCount(0, from + found);
    }

    private static long count(Render render, String text, String wanted) {
        if (wanted.isEmpty()) {
            return Chars.length(text) + 1L;
        }
        long count = 0;
        for (int at = Chars.indexOf(text, wanted, 0); at >= 0; at = Chars.indexOf(text, wanted, at + wanted.length())) {
            count++;
            render.budget().spend(wanted.length() > 32 ? wanted.length() : 1);
        }
        return count;
    }

    /** {@code center}, {@code ljust} or {@code rjust}. */
    static String pad(Render render, String text, String name, int width, String fill) {
        if (Chars.length(fill) != 1) {
            throw new EvalError("the fill character must be exactly one character long");
        }
        int length = Chars.length(text);
        int missing = Math.max(width, length) - length;
        render.budget().text((long) text.length() + missing);
        int left = switch (name) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & width & 1); // where CPython puts the odd one
        };
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static String expandTabs(Render render, String text, int size) {
        StringBuilder result = new StringBuilder();
        int column = 0;
        for (int c : text.codePoints().toArray()) {
            if (c == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                render.budget().text(result.length() / 64 + (long) spaces);
                result.append(" ".repeat(spaces));
                column += spaces;
                render.budget().checkLength(result.length());
            } else {
                result.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return result.toString();
    }
}
