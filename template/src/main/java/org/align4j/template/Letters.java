package org.align4j.template;

import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Upper and lower case as in Python. Java's own methods take time in the square of a text's length where a letter becomes
 * several (ß), and for Σ, whose lower case depends on what stands around it; here they only see short pieces without Σ.
 */
final class Letters {
    private static final int PIECE = 128;
    private static final char CAPITAL_SIGMA = 'Σ';
    private static final String IGNORED_IN_WORDS =
            "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

    private Letters() {}

    static String upper(String text) {
        return inPieces(text, piece -> piece.toUpperCase(Locale.ROOT));
    }

    static String lower(String text) {
        return inPieces(withoutCapitalSigma(text), piece -> piece.toLowerCase(Locale.ROOT));
    }

    static String caseFolded(String text) {
        return lower(text).replace("ß", "ss").replace('ς', 'σ');
    }

    static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int end = Character.charCount(text.codePointAt(0));
        return title(text.codePointAt(0)) + lower(withoutCapitalSigma(text).substring(end));
    }

    /** {@code str.title}: every letter after a letter is small, every other one is not. */
    static String titled(String text) {
        StringBuilder result = new StringBuilder();
        boolean inWord = false;
        for (int c : withoutCapitalSigma(text).codePoints().toArray()) {
            result.append(inWord ? lower(Character.toString(c)) : title(c));
            inWord = Chars.isCased(c);
        }
        return result.toString();
    }

    static String swapped(String text) {
        String small = withoutCapitalSigma(text);
        StringBuilder result = new StringBuilder();
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            String one = Character.toString(small.codePointAt(i));
            result.append(Character.isUpperCase(c) ? lower(one) : Character.isLowerCase(c) ? upper(one) : one);
        }
        return result.toString();
    }

    static boolean areTitle(String text) {
        boolean any = false;
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            boolean small = Character.isLowerCase(c);
            if (Chars.isCased(c) && small != inWord) {
                return false;
            }
            inWord = Chars.isCased(c);
            any |= inWord;
        }
        return any;
    }

    /** {@code islower} and {@code isupper}: some cased characters, and none of the other case. */
    static boolean areAll(String text, boolean lower) {
        return text.codePoints().anyMatch(Chars::isCased)
                && text.codePoints()
                        .noneMatch(c -> Character.isTitleCase(c)
                                || (lower ? Character.isUpperCase(c) : Character.isLowerCase(c)));
    }

    private static String title(int c) {
        String upper = upper(Character.toString(c));
        if (Chars.length(upper) == 1 || Character.isTitleCase(c) || Character.toTitleCase(c) != c) {
            return Character.toString(Character.toTitleCase(c));
        }
        int end = 0; // several characters for one: up to the first letter of them stays
        while (!Chars.isCased(upper.charAt(end++))) {}
        return upper.substring(0, end) + lower(upper.substring(end));
    }

    private static String inPieces(String text, UnaryOperator<String> change) {
        if (text.length() <= PIECE) {
            return change.apply(text);
        }
        StringBuilder result = new StringBuilder(text.length());
        for (int from = 0, to; from < text.length(); from = to) {
            to = Math.min(from + PIECE, text.length());
            to -= to < text.length() && Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
            result.append(change.apply(text.substring(from, to)));
        }
        return result.toString();
    }

    /** With σ or, where a word ends, ς for every Σ. */
    private static String withoutCapitalSigma(String text) {
        if (text.indexOf(CAPITAL_SIGMA) < 0) {
            return text;
        }
        StringBuilder result = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == CAPITAL_SIGMA) {
                result.setCharAt(i, isCasedBefore(text, i) && !isCasedAfter(text, i + 1) ? 'ς' : 'σ');
            }
        }
        return result.toString();
    }

    private static boolean isCasedBefore(String text, int at) {
        int i = at;
        while (i > 0 && isIgnoredInWords(text.codePointBefore(i))) {
            i -= Character.charCount(text.codePointBefore(i));
        }
        return i > 0 && Chars.isCased(text.codePointBefore(i));
    }

    private static boolean isCasedAfter(String text, int at) {
        int i = at;
        while (i < text.length() && isIgnoredInWords(text.codePointAt(i))) {
            i += Character.charCount(text.codePointAt(i));
        }
        return i < text.length() && Chars.isCased(text.codePointAt(i));
    }

    /** Unicode's Case_Ignorable. */
    private static boolean isIgnoredInWords(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> IGNORED_IN_WORDS.indexOf(c) >= 0;
        };
    }
}
