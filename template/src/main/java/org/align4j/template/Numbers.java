package org.align4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers in text, as Python reads and writes them. An integer is a Long where it fits, else a BigInteger. */
final class Numbers {
    /** Python's bound on the digits of an integer in text. */
    private static final int MAX_DIGITS = 4300;

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    static Object integer(BigInteger value) {
        return value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0 ? (Object) value.longValue() : value;
    }

    /** The end of the number literal that begins with the digit at an offset. */
    static int literalEnd(String source, int from) {
        int fraction = digits(source, from, 10);
        if (source.startsWith(".", fraction) && (from == 0 || source.charAt(from - 1) != '.')) {
            int end = digits(source, fraction + 1, 10);
            fraction = end > fraction + 1 ? end : fraction;
        }
        if (fraction < source.length() && (source.charAt(fraction) | 0x20) == 'e') {
            int sign = fraction + 1;
            if (sign < source.length() && (source.charAt(sign) == '+' || source.charAt(sign) == '-')) {
                sign++;
            }
            int end = digits(source, sign, 10);
            fraction = end > sign ? end : fraction;
        }
        int integer = integerEnd(source, from);
        return Math.max(fraction > digits(source, from, 10) ? fraction : from, integer);
    }

    private static int integerEnd(String source, int from) {
        if (source.charAt(from) != '0') {
            return digits(source, from, 10);
        }
        char kind = from + 1 < source.length() ? Character.toLowerCase(source.charAt(from + 1)) : ' ';
        int radix = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
        if (radix > 0) {
            int begin = from + 2 < source.length() && source.charAt(from + 2) == '_' ? from + 3 : from + 2;
            int end = digits(source, begin, radix);
            return end > begin ? end : from + 1;
        }
        int end = from + 1;
        while (source.startsWith("0", end) || source.startsWith("_0", end)) {
            end += source.charAt(end) == '_' ? 2 : 1;
        }
        return end;
    }

    /** The end of a row of digits with single underscores between them. */
    private static int digits(String source, int from, int radix) {
        int end = from;
        while (end < source.length()) {
            char c = source.charAt(end);
            if (isDigit(c, radix)) {
                end++;
            } else if (c == '_' && end > from && end + 1 < source.length() && isDigit(source.charAt(end + 1), radix)) {
                end += 2;
            } else {
                break;
            }
        }
        return end;
    }

    private static boolean isDigit(char c, int radix) {
        return c < 128 && Character.digit(c, radix) >= 0;
    }

    /** The value of a literal that {@link #literalEnd} has delimited. */
    static Object literal(String text) {
        String digits = text.replace("_", "");
        String prefix = digits.length() > 2 ? digits.substring(0, 2).toLowerCase(Locale.ROOT) : "";
        int radix = prefix.equals("0x") ? 16 : prefix.equals("0o") ? 8 : prefix.equals("0b") ? 2 : 10;
        boolean real =
                radix == 10 && (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0);
        if (!real && digits.length() > MAX_DIGITS) {
            throw new EvalError("an integer of more than " + MAX_DIGITS + " digits");
        }
        if (radix != 10) {
            return integer(new BigInteger(digits.substring(2), radix));
        }
        return real ? (Object) Double.valueOf(digits) : integer(new BigInteger(digits));
    }

    /** {@code int(text, base)}, or null if it is no integer. */
    static Object parseInteger(String text, int base) {
        String digits = strip(text);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int radix = base;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            char kind = Character.toLowerCase(digits.charAt(1));
            int prefixed = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
            if (prefixed > 0 && (base == prefixed || base == 0)) {
                radix = prefixed;
                digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
            }
        }
        boolean leadingZero = digits.startsWith("0");
        if (radix == 0) {
            radix = 10;
        }
        if (radix < 2 || radix > 36 || digits.isEmpty() || digits.length() > MAX_DIGITS) {
            return null;
        }
        if (digits(digits, 0, radix) != digits.length()) {
            return null;
        }
        BigInteger value = new BigInteger(digits.replace("_", ""), radix);
        if (base == 0 && radix == 10 && leadingZero && value.signum() != 0) {
            return null;
        }
        return integer(negative ? value.negate() : value);
    }

    /** {@code float(text)}, or null if it is no number. */
    static Double parseFloat(String text) {
        String digits = strip(text);
        String sign = digits.startsWith("-") ? "-" : "";
        String unsigned = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
        switch (unsigned.toLowerCase(Locale.ROOT)) {
            case "inf", "infinity" -> {
                return sign.isEmpty() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            }
            case "nan" -> {
                return Double.NaN;
            }
            default -> {}
        }
        int whole = digits(unsigned, 0, 10);
        int end = whole;
        boolean any = whole > 0;
        if (unsigned.startsWith(".", end)) {
            end = digits(unsigned, whole + 1, 10);
            any |= end > whole + 1;
        }
        if (any && end < unsigned.length() && (unsigned.charAt(end) | 0x20) == 'e') {
            int from = end + 1;
            if (from < unsigned.length() && (unsigned.charAt(from) == '+' || unsigned.charAt(from) == '-')) {
                from++;
            }
            end = digits(unsigned, from, 10);
            any = end > from;
        }
        return any && end == unsigned.length() ? Double.valueOf(sign + unsigned.replace("_", "")) : null;
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && Chars.isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && Chars.isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** {@code str} of an integer. */
    static String text(BigInteger value) {
        if (value.bitLength() > MAX_DIGITS * 10 / 3) {
            throw new EvalError("an integer of more than " + MAX_DIGITS + " digits has no text");
        }
        return value.toString();
    }

    /** {@code repr} of a float: the shortest digits that read back as the same number. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(Math.abs(value));
        BigDecimal shortest = exact;
        for (int precision = 1;
                precision <= 17;
                precision++) { // Double.toString gives more than it needs before Java 19
            shortest = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
            if (shortest.doubleValue() == Math.abs(value)) {
                break;
            }
        }
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale(); // of the first digit
        int last = digits.length();
        while (last > 1 && digits.charAt(last - 1) == '0') {
            last--;
        }
        digits = digits.substring(0, last);
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            int size = Math.abs(exponent);
            return sign + mantissa + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
        }
        if (exponent < 0) {
            return sign + "0." + "0".repeat(-exponent - 1) + digits;
        }
        if (digits.length() <= exponent + 1) {
            return sign + digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
        }
        return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
    }

    /** {@code int(value)} of a float. */
    static Object truncate(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new EvalError("cannot convert float " + text(value) + " to integer");
        }
        return Math.abs(value) < 1e18 ? (Object) (long) value : integer(new BigDecimal(value).toBigInteger());
    }

    /** {@code round(value, digits)} of a float: half to even, of its exact value. */
    static double round(double value, int digits) {
        if (Double.isNaN(value) || Double.isInfinite(value) || digits > 400) {
            return value;
        }
        if (digits < -400) {
            return Math.copySign(0, value);
        }
        double rounded =
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
        return rounded == 0 ? Math.copySign(0, value) : rounded;
    }
}
