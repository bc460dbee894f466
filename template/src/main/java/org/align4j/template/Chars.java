package org.align4j.template;

/** Characters as Python sees them: a string is a row of code points, and these are blanks, line ends and escapes. */
final class Chars {
    private Chars() {}

    /** {@code str.isspace} of one character. */
    static boolean isSpace(int c) {
        return c == ' '
                || c >= 0x09 && c <= 0x0d
                || c >= 0x1c && c <= 0x1f
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200a
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Whether {@code str.splitlines} breaks here. */
    static boolean isLineEnd(int c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** {@code str.isprintable} of one character. */
    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /** Whether upper and lower case differ, or it is one of them. */
    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The UTF-16 offset of a code point. */
    static int offset(String text, int codePoint) {
        return text.offsetByCodePoints(0, codePoint);
    }

    /** Order by code points, which that of UTF-16 is not. */
    static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xHalf = Character.isSurrogate(x);
                boolean yHalf = Character.isSurrogate(y);
                return xHalf == yHalf ? Character.compare(x, y) : xHalf ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Where a text occurs in another at or after an offset, or -1; linear in their lengths, whatever they are. */
    static int indexOf(String text, String wanted, int from) {
        if (wanted.length() <= 32) {
            return text.indexOf(wanted, from);
        }
        // Knuth, Morris and Pratt 1977: border[i] is the length of the longest proper border of the first i characters.
        int[] border = new int[wanted.length() + 1];
        border[0] = -1;
        for (int i = 0, j = -1; i < wanted.length(); border[++i] = ++j) {
            while (j >= 0 && wanted.charAt(i) != wanted.charAt(j)) {
                j = border[j];
            }
        }
        for (int i = from, j = 0; i < text.length(); i++) {
            while (j >= 0 && text.charAt(i) != wanted.charAt(j)) {
                j = border[j];
            }
            if (++j == wanted.length()) {
                return i - j + 1;
            }
        }
        return -1;
    }

    /** Where it occurs last, beginning at an offset at most {@code from}, or -1. */
    static int lastIndexOf(String text, String wanted, int from) {
        if (wanted.length() <= 32) {
            return text.lastIndexOf(wanted, from);
        }
        int end = Math.min(text.length(), from + wanted.length());
        String reversed =
                new StringBuilder(text.substring(0, Math.max(end, 0))).reverse().toString();
        int found = indexOf(reversed, new StringBuilder(wanted).reverse().toString(), 0);
        return found < 0 ? -1 : end - found - wanted.length();
    }

    /** What stands between the quotes of a literal, as Python's {@code unicode-escape} decodes it. */
    static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder result = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c != '\\') {
                result.append(c);
                continue;
            }
            char kind = text.charAt(i++); // a backslash is never last: the lexer takes two characters at once
            switch (kind) {
                case '\n' -> {}
                case '\\', '\'', '"' -> result.append(kind);
                case 'a' -> result.append('\u0007');
                case 'b' -> result.append('\b');
                case 'f' -> result.append('\f');
                case 'n' -> result.append('\n');
                case 'r' -> result.append('\r');
                case 't' -> result.append('\t');
                case 'v' -> result.append('\u000b');
                case 'x', 'u', 'U' -> {
                    int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
                    result.appendCodePoint(hex(text, i, digits));
                    i += digits;
                }
                case 'N' -> {
                    int end = text.indexOf('}', i);
                    if (end < 0 || text.charAt(i) != '{') {
                        throw new EvalError("malformed \\N escape, expected \\N{NAME}");
                    }
                    result.appendCodePoint(named(text.substring(i + 1, end)));
                    i = end + 1;
                }
                default -> {
                    if (kind < '0' || kind > '7') {
                        result.append('\\').append(kind);
                        break;
                    }
                    int value = kind - '0';
                    for (int n = 0; n < 2 && i < text.length() && Character.digit(text.charAt(i), 8) >= 0; n++) {
                        value = value * 8 + Character.digit(text.charAt(i++), 8);
                    }
                    result.append((char) value);
                }
            }
        }
        return result.toString();
    }

    private static int hex(String text, int from, int digits) {
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < text.length() ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0 || text.charAt(i) > 'f') {
                throw new EvalError("truncated escape, expected " + digits + " hexadecimal digits");
            }
            value = value * 16 + digit;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw new EvalError("illegal character in an escape");
        }
        return (int) value;
    }

    private static int named(String name) {
        try {
            return Character.codePointOf(name);
        } catch (IllegalArgumentException e) {
            throw new EvalError("unknown character name \"" + name + '"');
        }
    }
}
