package org.align4j.template;

import java.util.List;
import java.util.Map;

/** {@code format % values}. */
final class PercentFormat {
    private final Render render;
    private final String format;
    private final Object values;
    private int used;

    private PercentFormat(Render render, String format, Object values) {
        this.render = render;
        this.format = format;
        this.values = values;
    }

    static String format(Render render, String format, Object values) {
        return new PercentFormat(render, format, values).run();
    }

    private String run() {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c != '%') {
                out.append(c);
                continue;
            }
            Object value = Arguments.MISSING;
            if (format.startsWith("(", at)) {
                int end = format.indexOf(')', at);
                if (end < 0) {
                    throw new EvalError("incomplete format key");
                }
                if (!(values instanceof Map<?, ?> map)) {
                    throw new EvalError("format requires a mapping");
                }
                String key = format.substring(at + 1, end);
                if (!map.containsKey(key)) {
                    throw new EvalError("the format needs a key " + Text.repr(key));
                }
                value = map.get(key);
                at = end + 1;
            }
            int flags = at;
            while (at < format.length() && "#0- +".indexOf(format.charAt(at)) >= 0) {
                at++;
            }
            String flag = format.substring(flags, at);
            int width = 0;
            if (format.startsWith("*", at)) {
                width = Values.index(next());
                at++;
            } else {
                int end = FormatSpec.digits(format, at);
                width = FormatSpec.number(format, at, end, 0);
                at = end;
            }
            int precision = -1;
            if (format.startsWith(".*", at)) {
                precision = Math.max(0, Values.index(next()));
                at += 2;
            } else if (format.startsWith(".", at)) {
                int end = FormatSpec.digits(format, at + 1);
                precision = FormatSpec.number(format, at + 1, end, 0);
                at = end;
            }
            while (at < format.length() && "hlL".indexOf(format.charAt(at)) >= 0) {
                at++;
            }
            if (at == format.length()) {
                throw new EvalError("incomplete format");
            }
            char type = format.charAt(at++);
            if (type == '%') {
                out.append('%');
            } else {
                out.append(one(type, flag, width, precision, value == Arguments.MISSING ? next() : value));
            }
            render.budget().checkLength(out.length());
        }
        boolean left = values instanceof Tuple tuple
                ? used < tuple.size()
                : used == 0 && !(values instanceof Map || values instanceof List || values instanceof Undefined);
        if (left) {
            throw new EvalError("not all arguments converted during string formatting");
        }
        render.budget().text(out.length());
        return out.toString();
    }

    private Object next() {
        if (values instanceof Tuple tuple) {
            if (used < tuple.size()) {
                return tuple.get(used++);
            }
        } else if (used++ == 0) {
            return values;
        }
        throw new EvalError("not enough arguments for format string");
    }

    private String one(char type, String flags, int width, int precision, Object value) {
        boolean leftAlign = flags.indexOf('-') >= 0 || width < 0;
        boolean numeric = "diuxXoeEfFgG".indexOf(type) >= 0;
        boolean zeros = flags.indexOf('0') >= 0 && numeric && !leftAlign;
        char align = leftAlign ? '<' : zeros ? '=' : '>';
        char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : '-';
        int size = Math.abs(width);
        boolean alternate = flags.indexOf('#') >= 0;
        char fill = zeros ? '0' : ' ';
        switch (type) {
            case 's', 'r', 'a' -> {
                String text = type == 's' ? Text.str(value) : Text.repr(value);
                return new FormatSpec(fill, align, '-', false, (char) 0, size, precision, 's').format(render, text);
            }
            case 'c' -> {
                boolean isChar = value instanceof String one && Chars.length(one) == 1;
                if (!isChar && !Values.isInteger(value)) {
                    throw new EvalError("%c requires int or char");
                }
                return new FormatSpec(fill, align, '-', false, (char) 0, size, -1, isChar ? 's' : 'c')
                        .format(render, value);
            }
            case 'd', 'i', 'u', 'x', 'X', 'o' -> {
                boolean decimal = "diu".indexOf(type) >= 0;
                if (value instanceof Undefined undefined) {
                    throw undefined.fail();
                }
                if (!Values.isNumber(value) || !decimal && value instanceof Double) {
                    throw new EvalError("%" + type + " format: a number is required, not " + Values.typeName(value));
                }
                Object whole = value instanceof Double real ? Numbers.truncate(real) : Operators.plus(value);
                char code = decimal ? 'd' : type;
                return new FormatSpec(fill, align, sign, alternate, (char) 0, size, -1, code).format(render, whole);
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                if (!Values.isNumber(value)) {
                    throw new EvalError("must be real number, not " + Values.typeName(value));
                }
                return new FormatSpec(fill, align, sign, alternate, (char) 0, size, precision, type)
                        .format(render, Values.real(value));
            }
            default -> throw new EvalError("unsupported format character '" + type + "'");
        }
    }
}
