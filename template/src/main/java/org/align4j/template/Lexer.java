package org.align4j.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.align4j.template.Token.Type;

/**
 * Cuts a template into tokens by the rules of jinja2.lexer with {@code trim_blocks} and {@code lstrip_blocks}: the first
 * newline after a block goes, and so do the blanks before a block that begins a line; {@code -} and {@code +} in a tag
 * override both. Every step moves forward, so it takes time linear in the template's length.
 */
final class Lexer {
    private static final List<String> LONG_OPERATORS = List.of("**", "//", "==", "!=", "<=", ">=");
    private static final String SHORT_OPERATORS = "+-/*%~[](){}<>=.:|,;";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> open = new ArrayDeque<>();
    private int at;
    /** Whether what was read last ended with a line end, so that a block here begins a line. */
    private boolean lineStarting = true;

    Lexer(String source) {
        this.source = source;
    }

    /** All line ends become {@code \n}, and a last one goes ({@code keep_trailing_newline} is off). */
    static String normalize(String source) {
        String text = unixLineEnds(source);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private static String unixLineEnds(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }

    List<Token> tokens() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(at, source.length());
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char sign = charAt(tag + 2);
            int inside = tag + (sign == '-' || sign == '+' ? 3 : 2);
            int rawBody = kind == '%' ? rawBody(inside) : -1;
            data(at, strippedEnd(at, tag, sign, kind != '{'));
            if (rawBody >= 0) {
                moveTo(rawBody);
                raw(tag);
            } else if (kind == '#') {
                comment(tag, inside);
            } else {
                boolean block = kind == '%';
                tokens.add(new Token(block ? Type.BLOCK_BEGIN : Type.VARIABLE_BEGIN, "", null, tag));
                moveTo(inside);
                inside(block);
            }
        }
        tokens.add(new Token(Type.END, "", null, source.length()));
        return tokens;
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** Where the text before a tag ends once its blanks are stripped. */
    private int strippedEnd(int from, int tag, char sign, boolean strips) {
        int end = tag;
        if (sign == '-') {
            while (end > from && Chars.isSpace(source.charAt(end - 1))) {
                end--;
            }
        } else if (sign != '+' && strips) {
            int line = tag;
            while (line > from && source.charAt(line - 1) != '\n' && Chars.isSpace(source.charAt(line - 1))) {
                line--;
            }
            boolean beginsLine = line > from ? source.charAt(line - 1) == '\n' : lineStarting;
            end = beginsLine ? line : tag;
        }
        return end;
    }

    private void data(int from, int to) {
        if (to > from) {
            tokens.add(new Token(Type.DATA, source.substring(from, to), null, from));
        }
    }

    private void moveTo(int next) {
        lineStarting = next > at && source.charAt(next - 1) == '\n';
        at = next;
    }

    /** Where the text of a raw block begins if {@code raw} is what stands in this tag, else -1. */
    private int rawBody(int inside) {
        int i = skipSpace(inside);
        if (!source.startsWith("raw", i)) {
            return -1;
        }
        i = skipSpace(i + 3);
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw(int opened) {
        if (at == source.length()) {
            return; // nothing follows: Jinja does not mind
        }
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            char sign = charAt(tag + 2);
            int i = skipSpace(tag + (sign == '-' || sign == '+' ? 3 : 2));
            if (source.startsWith("endraw", i)) {
                int after = afterBlock(skipSpace(i + 6));
                if (after >= 0) {
                    data(at, strippedEnd(at, tag, sign, true));
                    moveTo(after);
                    return;
                }
            }
        }
        throw error("this raw block has no {% endraw %}", opened);
    }

    private void comment(int opened, int inside) {
        int end = source.indexOf("#}", inside);
        if (inside == source.length()) {
            moveTo(inside); // nothing follows: Jinja does not mind
            return;
        }
        if (end < 0) {
            throw error("this comment has no #}", opened);
        }
        char sign = end > inside ? source.charAt(end - 1) : ' ';
        moveTo(sign == '-' ? skipSpace(end + 2) : sign == '+' ? end + 2 : skipNewline(end + 2));
    }

    /** The tokens up to the end of a tag. */
    private void inside(boolean block) {
        int opened = at;
        open.clear();
        while (true) {
            int end = open.isEmpty() ? block ? afterBlock(at) : afterVariable(at) : -1;
            if (end >= 0) {
                tokens.add(new Token(block ? Type.BLOCK_END : Type.VARIABLE_END, "", null, at));
                moveTo(end);
                return;
            }
            if (at >= source.length()) {
                throw error("this tag is never closed", opened);
            }
            int c = source.codePointAt(at);
            if (Chars.isSpace(c)) {
                at = skipSpace(at);
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
                name();
            } else if (c == '\'' || c == '"') {
                string((char) c);
            } else {
                operator((char) c);
            }
        }
    }

    private int afterBlock(int i) {
        if (source.startsWith("+%}", i)) {
            return i + 3;
        }
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("%}", i) ? skipNewline(i + 2) : -1;
    }

    private int afterVariable(int i) {
        if (source.startsWith("-}}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("}}", i) ? i + 2 : -1;
    }

    private void name() {
        int from = at;
        while (at < source.length()) {
            int c = source.codePointAt(at);
            if (c != '_' && (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c))) {
                break;
            }
            at += Character.charCount(c);
        }
        tokens.add(new Token(Type.NAME, source.substring(from, at), null, from));
    }

    private void number() {
        int end = Numbers.literalEnd(source, at);
        String text = source.substring(at, end);
        try {
            tokens.add(new Token(Type.NUMBER, text, Numbers.literal(text), at));
        } catch (EvalError e) {
            throw e.at(source, at);
        }
        at = end;
    }

    private void string(char quote) {
        int from = at;
        int i = at + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        if (i >= source.length()) {
            throw error("this string has no closing " + quote, from);
        }
        try {
            tokens.add(new Token(Type.STRING, "", Chars.unescape(source.substring(from + 1, i)), from));
        } catch (EvalError e) {
            throw e.at(source, from);
        }
        at = i + 1;
    }

    private void operator(char c) {
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                tokens.add(new Token(Type.OPERATOR, operator, null, at));
                at += 2;
                return;
            }
        }
        if (SHORT_OPERATORS.indexOf(c) < 0) {
            throw error("unexpected character \"" + Character.toString(source.codePointAt(at)) + '"', at);
        }
        if (c == '(' || c == '[' || c == '{') {
            open.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (c == ')' || c == ']' || c == '}') {
            if (open.isEmpty()) {
                throw error("unexpected \"" + c + '"', at);
            }
            char expected = open.pop();
            if (expected != c) {
                throw error("unexpected \"" + c + "\", expected \"" + expected + '"', at);
            }
        }
        tokens.add(new Token(Type.OPERATOR, String.valueOf(c), null, at));
        at++;
    }

    private char charAt(int i) {
        return i < source.length() ? source.charAt(i) : '\0';
    }

    private int skipSpace(int i) {
        int end = i;
        while (end < source.length() && Chars.isSpace(source.charAt(end))) {
            end++;
        }
        return end;
    }

    private int skipNewline(int i) {
        return charAt(i) == '\n' ? i + 1 : i;
    }

    private TemplateException error(String message, int where) {
        return new TemplateException(message, source, where, false);
    }
}
