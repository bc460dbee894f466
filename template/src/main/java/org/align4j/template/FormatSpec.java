package org.align4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How one value is laid out: what {@code str.format} writes after the colon and {@code %} writes before its letter,
 * {@code [[fill]align][sign][#][0][width][,][.precision][type]}.
 */
record FormatSpec(
        int fill, char align, char sign, boolean alternate, char grouping, int width, int precision, char type) {
    private static final int MAX_PRECISION = 1000;

    /** Reads what stands after the colon. */
    static FormatSpec parse(String text) {
        int fill = ' ';
        char align = 0;
        int at = 0;
        int first = text.isEmpty() ? 0 : Character.charCount(text.codePointAt(0));
        if (text.length() > first && "<>=^".indexOf(text.charAt(first)) >= 0 && first > 0) {
            fill = text.codePointAt(0);
            align = text.charAt(first);
            at = first + 1;
        } else if (!text.isEmpty() && "<>=^".indexOf(text.charAt(0)) >= 0) {
            align = text.charAt(0);
            at = 1;
        }
        char sign = '-';
        if (at < text.length() && "+- ".indexOf(text.charAt(at)) >= 0) {
            sign = text.charAt(at++);
        }
        boolean alternate = text.startsWith("#", at);
        at += alternate ? 1 : 0;
        if (text.startsWith("0", at)) {
            fill = align == 0 ? '0' : fill;
            align = align == 0 ? '=' : align;
            at++;
        }
        int end = digits(text, at);
        int width = number(text, at, end, 0);
        at = end;
        char grouping = at < text.length() && ",_".indexOf(text.charAt(at)) >= 0 ? text.charAt(at++) : 0;
        int precision = -1;
        if (text.startsWith(".", at)) {
            end = digits(text, at + 1);
            precision = number(text, at + 1, end, -1);
            if (precision < 0) {
                throw new EvalError("format specifier missing precision");
            }
            at = end;
        }
        char type = at < text.length() ? text.charAt(at++) : 0;
        if (at < text.length()) {
            throw new EvalError("invalid format specifier '" + text + "'");
        }
        return new FormatSpec(fill, align, sign, alternate, grouping, width, precision, type);
    }

    static int digits(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    static int number(String text, int from, int to, int absent) {
        if (to - from > 9) {
            throw new EvalError("a width or precision of a format is too large");
        }
        return to == from ? absent : Integer.parseInt(text.substring(from, to));
    }

    String format(Render render, Object value) {
        if (precision > MAX_PRECISION && !(value instanceof String)) {
            throw new EvalError("a precision of more than " + MAX_PRECISION + " digits");
        }
        if (value instanceof Double || Values.isNumber(value) && type != 0 && "eEfFgG%".indexOf(type) >= 0) {
            return lay(render, real(Values.real(value)), '>');
        }
        if (Values.isInteger(value)) {
            if (precision >= 0) {
                throw new EvalError("precision not allowed in integer format specifier");
            }
            return lay(render, integer(Values.bigInteger(value)), '>');
        }
        if (!(value instanceof String whole)) {
            throw new EvalError("unsupported format string passed to " + Values.typeName(value) + ".__format__");
        }
        if (type != 0 && type != 's' || align == '=' && fill != '0') {
            throw new EvalError("unknown format code '" + type + "' for an object of type 'str'");
        }
        if (sign != '-' || grouping != 0) {
            throw new EvalError("a sign or separators of thousands are not for an object of type 'str'");
        }
        String text = whole;
        if (precision >= 0 && Chars.length(text) > precision) {
            text = text.substring(0, Chars.offset(text, precision));
        }
        return lay(render, text, '<');
    }

    private String lay(Render render, String text, char usual) {
        int missing = Math.max(0, width - Chars.length(text));
        render.budget().text((long) text.length() + missing);
        String pad = Character.toString(fill).repeat(missing);
        switch (align == 0 || align == '=' && usual == '<' ? usual : align) {
            case '<':
                return text + pad;
            case '^':
                String left = Character.toString(fill).repeat(missing / 2);
                return left + text + Character.toString(fill).repeat(missing - missing / 2);
            case '=':
                int sign = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
                int prefix = alternate
                                && text.startsWith("0", sign)
                                && sign + 1 < text.length()
                                && "xob".indexOf(Character.toLowerCase(text.charAt(sign + 1))) >= 0
                        ? sign + 2
                        : sign;
                return text.substring(0, prefix) + pad + text.substring(prefix);
            default:
                return pad + text;
        }
    }

    private String signed(boolean negative, String digits) {
        return (negative ? "-" : sign == '-' ? "" : String.valueOf(sign)) + digits;
    }

    private String integer(BigInteger value) {
        if (type == 'c') {
            if (value.signum() < 0 || value.bitLength() > 31 || !Character.isValidCodePoint(value.intValue())) {
                throw new EvalError("%c arg not in range(0x110000)");
            }
            return Character.toString(value.intValue());
        }
        BigInteger size = value.abs();
        String digits = switch (type) {
            case 0, 'd', 'n' -> Numbers.text(size);
            case 'x' -> (alternate ? "0x" : "") + size.toString(16);
            case 'X' -> (alternate ? "0X" : "") + size.toString(16).toUpperCase(Locale.ROOT);
            case 'o' -> (alternate ? "0o" : "") + size.toString(8);
            case 'b' -> (alternate ? "0b" : "") + size.toString(2);
            default -> throw new EvalError("unknown format code '" + type + "' for an object of type 'int'");
        };
        return signed(value.signum() < 0, grouped(digits));
    }

    private String grouped(String digits) {
        if (grouping == 0) {
            return digits;
        }
        int point = digits.indexOf('.') < 0 ? digits.length() : digits.indexOf('.');
        StringBuilder result = new StringBuilder(digits);
        for (int i = point - 3; i > 0; i -= 3) {
            result.insert(i, grouping);
        }
        return result.toString();
    }

    private String real(double value) {
        boolean negative = value < 0 || value == 0 && 1 / value < 0;
        double size = Math.abs(value);
        if (Double.isNaN(size) || Double.isInfinite(size)) {
            return signed(negative, Numbers.text(size) + (type == '%' ? "%" : ""));
        }
        int digits = precision < 0 ? 6 : precision;
        String text = switch (type) {
            case 'f', 'F' -> fixed(size, digits);
            case '%' -> fixed(size * 100, digits) + "%";
            case 'e', 'E' -> scientific(size, digits);
            case 'g', 'G' -> general(size, Math.max(digits, 1));
            case 0, 'n' -> precision < 0 ? Numbers.text(size) : generalOfStr(size, Math.max(digits, 1));
            default -> throw new EvalError("unknown format code '" + type + "' for an object of type 'float'");
        };
        String sized = type == 'E' || type == 'G' || type == 'F' ? text.toUpperCase(Locale.ROOT) : text;
        return signed(negative, grouped(sized));
    }

    private static String fixed(double size, int digits) {
        return new BigDecimal(size).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(double size, int digits) {
        if (size == 0) {
            return (digits == 0 ? "0" : "0." + "0".repeat(digits)) + "e+00";
        }
        BigDecimal exact = new BigDecimal(size);
        BigDecimal rounded = exact.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - 1 - rounded.scale();
        String mantissa = rounded.movePointLeft(exponent).setScale(digits).toPlainString();
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private String general(double size, int digits) {
        String scientific = scientific(size, digits - 1);
        int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
        if (exponent < -4 || exponent >= digits) {
            String mantissa = scientific.substring(0, scientific.indexOf('e'));
            return (alternate ? mantissa : trimmed(mantissa)) + scientific.substring(scientific.indexOf('e'));
        }
        String fixed = fixed(size, Math.max(0, digits - 1 - exponent));
        return alternate ? fixed : trimmed(fixed);
    }

    /** Without a type: as g, but with at least one digit after the point. */
    private String generalOfStr(double size, int digits) {
        String text = general(size, digits);
        boolean whole = text.indexOf('.') < 0 && text.indexOf('e') < 0;
        return whole && text.length() < digits ? text + ".0" : text;
    }

    private static String trimmed(String digits) {
        int end = digits.length();
        while (digits.indexOf('.') >= 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        return digits.substring(0, digits.indexOf('.') == end - 1 ? end - 1 : end);
    }
}
