package org.align4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@code split}, {@code rsplit}, {@code splitlines} and {@code partition} of {@code str}. */
final class Splitting {
    private Splitting() {}

    static Object split(Render render, String text, Arguments arguments, boolean fromRight) {
        Object[] given = arguments.bind(fromRight ? "rsplit" : "split", 0, "sep", "maxsplit");
        Object separator = Arguments.or(given[0], null);
        int max = Values.index(Arguments.or(given[1], -1L));
        long limit = max < 0 ? Long.MAX_VALUE : max;
        if (separator == null) {
            return fromRight ? wordsFromRight(text, limit) : words(text, limit);
        }
        String cut = StringMethods.string("split", separator);
        if (cut.isEmpty()) {
            throw new EvalError("empty separator");
        }
        return fromRight ? partsFromRight(render, text, cut, limit) : parts(render, text, cut, limit);
    }

    static List<Object> parts(Render render, String text, String separator, long limit) {
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = Chars.indexOf(text, separator, 0);
                at >= 0 && parts.size() < limit;
                at = Chars.indexOf(text, separator, from)) {
            render.budget().spend(separator.length());
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static List<Object> partsFromRight(Render render, String text, String separator, long limit) {
        List<Object> parts = new ArrayList<>();
        int to = text.length();
        while (parts.size() < limit) {
            // A long separator costs a pass over all that is left.
            render.budget().spend(separator.length() > 32 ? to : 1);
            int at = Chars.lastIndexOf(text, separator, to - separator.length());
            if (at < 0) {
                break;
            }
            parts.add(text.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(text.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> words(String text, long limit) {
        List<Object> parts = new ArrayList<>();
        int at = skip(text, 0, true);
        while (at < text.length()) {
            if (parts.size() == limit) {
                parts.add(text.substring(at)); // the rest keeps its blanks
                return parts;
            }
            int end = skip(text, at, false);
            parts.add(text.substring(at, end));
            at = skip(text, end, true);
        }
        return parts;
    }

    private static int skip(String text, int from, boolean space) {
        int at = from;
        while (at < text.length() && Chars.isSpace(text.charAt(at)) == space) {
            at++;
        }
        return at;
    }

    private static List<Object> wordsFromRight(String text, long limit) {
        List<Object> parts = new ArrayList<>();
        int to = skipBack(text, text.length(), true);
        while (to > 0) {
            if (parts.size() == limit) {
                parts.add(text.substring(0, to));
                break;
            }
            int from = skipBack(text, to, false);
            parts.add(text.substring(from, to));
            to = skipBack(text, from, true);
        }
        Collections.reverse(parts);
        return parts;
    }

    private static int skipBack(String text, int to, boolean space) {
        int at = to;
        while (at > 0 && Chars.isSpace(text.charAt(at - 1)) == space) {
            at--;
        }
        return at;
    }

    static List<Object> lines(String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = from;
            while (end < text.length() && !Chars.isLineEnd(text.charAt(end))) {
                end++;
            }
            int next = Math.min(end + (text.startsWith("\r\n", end) ? 2 : 1), text.length());
            lines.add(text.substring(from, keepEnds ? next : end));
            from = next;
        }
        return lines;
    }

    static Tuple partition(String text, Arguments arguments, boolean fromRight) {
        String separator = StringMethods.string("partition", arguments.positional("partition", 1, 1)[0]);
        if (separator.isEmpty()) {
            throw new EvalError("empty separator");
        }
        int at = fromRight
                ? Chars.lastIndexOf(text, separator, text.length() - separator.length())
                : Chars.indexOf(text, separator, 0);
        if (at < 0) {
            return fromRight ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }
}
