package org.align4j.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** {@code tojson} as transformers has it: Python's {@code json.dumps}, without the HTML escapes of Jinja's own. */
final class Json {
    private static final HexFormat HEX = HexFormat.of();

    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Json(boolean ascii, String indent, String item, String key, boolean sortKeys, Budget budget) {
        this.ascii = ascii;
        this.indent = indent;
        this.itemSeparator = item;
        this.keySeparator = key;
        this.sortKeys = sortKeys;
        this.budget = budget;
    }

    /** The filter. */
    static Object filter(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        boolean ascii = Values.truth(Arguments.or(given[0], false));
        Object width = Arguments.or(given[1], null);
        String indent = null;
        if (width instanceof String text) {
            indent = text;
        } else if (width != null) {
            int spaces = Math.max(0, Values.index(width));
            render.budget().text(spaces);
            indent = " ".repeat(spaces);
        }
        String item = indent == null ? ", " : ",";
        String key = ": ";
        Object separators = Arguments.or(given[2], null);
        if (separators != null) {
            if (!(separators instanceof List<?> pair)
                    || pair.size() != 2
                    || !(pair.get(0) instanceof String first)
                    || !(pair.get(1) instanceof String second)) {
                throw new EvalError("the separators of tojson are " + Text.repr(separators)
                        + ", expected a pair of texts such as (',', ':')");
            }
            item = first;
            key = second;
        }
        boolean sortKeys = Values.truth(Arguments.or(given[3], false));
        Json json = new Json(ascii, indent, item, key, sortKeys, render.budget());
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int depth) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof Boolean || value instanceof Long) {
            out.append(value);
        } else if (value instanceof BigInteger integer) {
            out.append(Numbers.text(integer));
        } else if (value instanceof Double number) {
            out.append(number(number));
        } else if (value instanceof String text) {
            quote(text);
        } else if (value instanceof List<?> list && !(value instanceof Range)) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                out.append(i == 0 ? "" : itemSeparator);
                newline(depth + 1);
                write(list.get(i), depth + 1);
            }
            if (!list.isEmpty()) {
                newline(depth);
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else {
            throw new EvalError("Object of type " + Values.typeName(value) + " is not JSON serializable");
        }
        budget.checkLength(out.length());
    }

    private void object(Map<?, ?> map, int depth) {
        List<Object> keys = new ArrayList<>(map.keySet());
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            order.add(i);
        }
        if (sortKeys) {
            Values.sort(budget, keys, order);
        }
        out.append('{');
        for (int i = 0; i < order.size(); i++) {
            Object key = keys.get(order.get(i));
            out.append(i == 0 ? "" : itemSeparator);
            newline(depth + 1);
            quote(key(key));
            out.append(keySeparator);
            write(map.get(key), depth + 1);
        }
        if (!map.isEmpty()) {
            newline(depth);
        }
        out.append('}');
    }

    private static String key(Object key) {
        if (key instanceof String text) {
            return text;
        } else if (key == null) {
            return "null";
        } else if (key instanceof Boolean || key instanceof Long) {
            return key.toString();
        } else if (key instanceof BigInteger integer) {
            return Numbers.text(integer);
        } else if (key instanceof Double number) {
            return number(number);
        }
        throw new EvalError("keys of JSON must be str, int, float, bool or None, not " + Values.typeName(key));
    }

    private static String number(double number) {
        return Double.isNaN(number)
                ? "NaN"
                : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.text(number);
    }

    private void newline(int depth) {
        if (indent != null) {
            budget.checkLength(out.length() + (long) depth * indent.length());
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) {
                        budget.checkLength(out.length());
                        out.append("\\u").append(HEX.toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
