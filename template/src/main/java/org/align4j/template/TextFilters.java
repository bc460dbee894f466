package org.align4j.template;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/** Filters that make text of text. */
final class TextFilters {
    private TextFilters() {}

    private interface TextFilter {
        Object apply(String text);
    }

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("string", text("string", text -> text));
        filters.put("safe", html("safe", (markup, value) -> markup.mark(Text.str(value))));
        filters.put("upper", text("upper", Letters::upper));
        filters.put("lower", text("lower", Letters::lower));
        filters.put("capitalize", text("capitalize", Letters::capitalized));
        filters.put("title", text("title", TextFilters::title));
        filters.put("escape", html("escape", Markup::escape));
        filters.put("e", html("e", Markup::escape));
        filters.put("forceescape", html("forceescape", Markup::forceEscape));
        filters.put("wordcount", text("wordcount", TextFilters::countWords));
        filters.put("urlencode", (render, value, arguments) -> quote(Text.str(value)));
        filters.put("trim", TextFilters::trim);
        filters.put("replace", TextFilters::replace);
        filters.put("indent", TextFilters::indent);
        filters.put("center", TextFilters::center);
        filters.put("truncate", TextFilters::truncate);
        filters.put("format", TextFilters::format);
    }

    private static Filters.Filter text(String name, TextFilter filter) {
        return (render, value, arguments) -> {
            arguments.positional(name, 0, 0);
            return filter.apply(Text.str(value));
        };
    }

    private static Filters.Filter html(String name, BiFunction<Markup, Object, String> filter) {
        return (render, value, arguments) -> {
            arguments.positional(name, 0, 0);
            return filter.apply(render.markup(), value);
        };
    }

    private static Object trim(Render render, Object value, Arguments arguments) {
        Object chars = Arguments.or(arguments.bind("trim", 0, "chars")[0], null);
        String set = chars == null ? null : StringMethods.string("trim", chars);
        return StringMethods.strip(render, Text.str(value), set, true, true);
    }

    private static Object replace(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("replace", 2, "old", "new", "count");
        Object count = Arguments.or(given[2], null);
        return StringMethods.replace(
                render,
                Text.str(value),
                Text.str(given[0]),
                Text.str(given[1]),
                count == null ? -1 : Values.index(count));
    }

    private static Object indent(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("indent", 0, "width", "first", "blank");
        Object width = Arguments.or(given[0], 4L);
        String indentation;
        if (width instanceof String text) {
            indentation = text;
        } else {
            int spaces = Math.max(0, Values.index(width));
            render.budget().text(spaces);
            indentation = " ".repeat(spaces);
        }
        boolean first = Values.truth(Arguments.or(given[1], false));
        boolean blank = Values.truth(Arguments.or(given[2], false));
        List<String> parts = new ArrayList<>();
        for (Object line : Splitting.lines(StringMethods.string("indent", value) + "\n", false)) {
            boolean indents = parts.isEmpty() ? first : blank || !((String) line).isEmpty();
            render.budget().text(indents ? indentation.length() : 0);
            parts.add(indents ? indentation + line : (String) line);
        }
        return StringMethods.join(render, "\n", parts);
    }

    private static Object center(Render render, Object value, Arguments arguments) {
        Object width = Arguments.or(arguments.bind("center", 0, "width")[0], 80L);
        return StringMethods.pad(render, Text.str(value), "center", Values.index(width), " ");
    }

    private static Object truncate(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        String text = StringMethods.string("truncate", value);
        int length = Values.index(Arguments.or(given[0], 255L));
        String end = StringMethods.string("truncate", Arguments.or(given[2], "..."));
        Object leeway = Arguments.or(given[3], null);
        int room = leeway == null ? 5 : Values.index(leeway);
        int kept = length - Chars.length(end);
        if (kept < 0 || room < 0) {
            throw new EvalError("truncate needs a length of at least that of its end, and no negative leeway");
        }
        if (Chars.length(text) <= (long) length + room) {
            return text;
        }
        String cut = text.substring(0, Chars.offset(text, kept));
        if (!Values.truth(Arguments.or(given[1], false))) {
            int space = cut.lastIndexOf(' ');
            cut = space < 0 ? cut : cut.substring(0, space);
        }
        return cut + end;
    }

    private static Object format(Render render, Object value, Arguments arguments) {
        if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
            throw new EvalError("format cannot take positional and named arguments at the same time");
        }
        Object values = arguments.named().isEmpty() ? new Tuple(arguments.positional()) : arguments.named();
        return Operators.binary(render, "%", Text.str(value), values);
    }

    /** Words begin after blanks, hyphens and opening brackets, and nowhere else. */
    private static String title(String text) {
        StringBuilder result = new StringBuilder();
        boolean begins = true;
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean breaks = i == text.length() || isBreak(text.charAt(i));
            if (i > from && breaks != begins) {
                String piece = text.substring(from, i);
                int end = Character.charCount(piece.codePointAt(0));
                result.append(Letters.upper(piece.substring(0, end)));
                result.append(Letters.lower(piece.substring(end)));
                from = i;
            }
            begins = breaks;
        }
        return result.append(text.substring(from)).toString();
    }

    private static boolean isBreak(char c) {
        return Chars.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }

    private static Object countWords(String text) {
        long count = 0;
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            boolean letter = Character.isLetter(c) || StringMethods.isNumeric(c) || c == '_';
            count += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return count;
    }

    private static String quote(String text) {
        StringBuilder result = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "_.-~/".indexOf(c) >= 0);
            result.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return result.toString();
    }
}
