package org.align4j.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How values print: Python's {@code str} and {@code repr}. */
final class Text {
    private static final int MAX_LENGTH = 16_000_000;

    private Text() {}

    static String str(Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Undefined) {
            return "";
        }
        StringBuilder out = new StringBuilder();
        repr(value, out);
        return out.toString();
    }

    static String repr(Object value) {
        StringBuilder out = new StringBuilder();
        repr(value, out);
        return out.toString();
    }

    private static void repr(Object value, StringBuilder out) {
        if (value == null) {
            out.append("None");
        } else if (value instanceof Boolean bool) {
            out.append(bool ? "True" : "False");
        } else if (value instanceof BigInteger integer) {
            out.append(Numbers.text(integer));
        } else if (value instanceof Double number) {
            out.append(Numbers.text(number));
        } else if (value instanceof String text) {
            quote(text, out);
        } else if (value instanceof Range range) {
            out.append(range.repr());
        } else if (value instanceof Tuple tuple) {
            out.append('(');
            elements(tuple, out);
            out.append(tuple.size() == 1 ? ",)" : ")");
        } else if (value instanceof List<?> list) {
            out.append('[');
            elements(list, out);
            out.append(']');
        } else if (value instanceof Map<?, ?> map) {
            map(map, out);
        } else if (value instanceof DictView view) {
            out.append(view.kind()).append("([");
            elements(view.elements(), out);
            out.append("])");
        } else if (value instanceof Undefined) {
            out.append("Undefined");
        } else if (value instanceof Namespace namespace) {
            out.append("<Namespace ");
            map(namespace.values(), out);
            out.append('>');
        } else if (value instanceof Loop loop) {
            out.append("<LoopContext ")
                    .append(loop.index())
                    .append('/')
                    .append(loop.length())
                    .append('>');
        } else if (value instanceof Macro macro) {
            out.append("<Macro ")
                    .append(macro.name() == null ? "anonymous" : repr(macro.name()))
                    .append('>');
        } else if (value instanceof Long) {
            out.append(value);
        } else { // Python shows an address
            out.append('<').append(Values.typeName(value)).append(" object>");
        }
        checkLength(out);
    }

    private static void elements(List<?> values, StringBuilder out) {
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            repr(values.get(i), out);
        }
    }

    private static void map(Map<?, ?> map, StringBuilder out) {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            repr(entry.getKey(), out);
            out.append(": ");
            repr(entry.getValue(), out);
            separator = ", ";
        }
        out.append('}');
    }

    /** Lists share their elements, so a few lists in lists may print without end. */
    private static void checkLength(StringBuilder out) {
        if (out.length() > MAX_LENGTH) {
            throw new EvalError("a value is too large to print");
        }
    }

    private static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (Chars.isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                        out.append(String.format(Locale.ROOT, format, c));
                    }
                }
            }
        }
        out.append(quote);
    }
}
