package org.align4j.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code str.format}: fields {@code {}}, {@code {0}}, {@code {name.part[0]}}, {@code {!r}} and {@code {:>8}}. */
final class StrFormat {
    private final Render render;
    private final Arguments arguments;
    private int automatic;

    private StrFormat(Render render, Arguments arguments) {
        this.render = render;
        this.arguments = arguments;
    }

    static String format(Render render, String text, Arguments arguments) {
        return new StrFormat(render, arguments).run(text, 2);
    }

    static String formatMap(Render render, String text, Object values) {
        if (!(values instanceof Map<?, ?> map)) {
            throw new EvalError("format_map() needs a dict, got " + Values.typeName(values));
        }
        render.budget().list(map.size());
        Map<String, Object> named = new HashMap<>();
        map.forEach((key, value) -> named.put(Text.str(key), value));
        return new StrFormat(render, new Arguments(List.of(), named)).run(text, 2);
    }

    private String run(String text, int depth) {
        if (depth < 0) {
            throw new EvalError("max string recursion exceeded");
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '}' && !text.startsWith("}", at)) {
                throw new EvalError("single '}' encountered in format string");
            }
            if (c != '{' || text.startsWith("{", at)) {
                at += c == '{' || c == '}' ? 1 : 0;
                out.append(c);
                continue;
            }
            int end = closing(text, at);
            out.append(field(text.substring(at, end), depth));
            at = end + 1;
            render.budget().checkLength(out.length());
        }
        render.budget().text(out.length());
        return out.toString();
    }

    private static int closing(String text, int from) {
        int open = 1;
        for (int i = from; i < text.length(); i++) {
            open += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw new EvalError("expected '}' before end of string");
    }

    private String field(String field, int depth) {
        int colon = field.indexOf(':');
        String name = colon < 0 ? field : field.substring(0, colon);
        int mark = name.indexOf('!');
        Object value = value(mark < 0 ? name : name.substring(0, mark));
        if (mark >= 0) {
            value = switch (name.substring(mark + 1)) {
                case "r", "a" -> Text.repr(value);
                case "s" -> Text.str(value);
                default -> throw new EvalError("unknown conversion specifier " + name.substring(mark));
            };
        }
        String spec = colon < 0 ? "" : run(field.substring(colon + 1), depth - 1);
        if (spec.isEmpty()) {
            return Text.str(value);
        }
        return FormatSpec.parse(spec).format(render, value);
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean dot = path.charAt(end) == '.';
            int stop = end + 1;
            while (stop < path.length() && (dot ? ".[".indexOf(path.charAt(stop)) < 0 : path.charAt(stop) != ']')) {
                stop++;
            }
            String part = path.substring(end + 1, stop);
            if (part.isEmpty() || !dot && stop == path.length()) {
                throw new EvalError("malformed field '" + path + "' in format string");
            }
            boolean index = FormatSpec.digits(part, 0) == part.length();
            value = dot
                    ? Lookup.attribute(value, part)
                    : Lookup.item(render.budget(), value, index ? Numbers.parseInteger(part, 10) : part);
            end = dot ? stop : stop + 1;
        }
        return value;
    }

    private Object argument(String name) {
        boolean number = FormatSpec.digits(name, 0) == name.length();
        if (!number) {
            if (!arguments.named().containsKey(name)) {
                throw new EvalError("the format needs an argument " + Text.repr(name));
            }
            return arguments.named().get(name);
        }
        int index = name.isEmpty() ? automatic++ : FormatSpec.number(name, 0, name.length(), 0);
        if (index >= arguments.positional().size()) {
            throw new EvalError("replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get(index);
    }
}
