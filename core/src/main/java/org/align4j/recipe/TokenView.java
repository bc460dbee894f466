package org.align4j.recipe;

import org.align4j.text.Tokenizer;

/**
 * Tokens for people: with colours every second trained one is shaded, the prompt is dim, what is masked is underlined, and
 * special ones are magenta; without, a bar stands between two, and special ones stand in double brackets.
 */
final class TokenView {
    private static final String PROMPT = "\u001b[2m";
    private static final String MASKED = "\u001b[2;4m";
    private static final String[] SHADES = {"\u001b[30;46m", "\u001b[30;42m"};
    private static final String SPECIAL = "\u001b[1;35m";
    private static final String TRAINED_SPECIAL = "\u001b[30;45m";
    private static final String PLAIN = "\u001b[0m";

    private final Tokenizer tokenizer;
    private final boolean colours;

    TokenView(Tokenizer tokenizer, boolean colours) {
        this.tokenizer = tokenizer;
        this.colours = colours;
    }

    /** What the looks mean. */
    String legend() {
        return colours
                ? SHADES[0] + "trained" + PLAIN + " " + SHADES[1] + "on" + PLAIN + ", " + PROMPT + "prompt" + PLAIN
                        + ", "
                        + MASKED + "masked" + PLAIN + ", " + SPECIAL + "special" + PLAIN + " or " + TRAINED_SPECIAL
                        + "special and trained on" + PLAIN
                : "a|bar between tokens, ⟦special⟧";
    }

    String prompt(int[] tokens) {
        return view(tokens, 0, tokens.length, -1, PROMPT, PROMPT, SPECIAL);
    }

    /**
     * Some tokens in a row that are all trained on, or all masked.
     *
     * @param before the token before the first of all, or −1
     */
    String completion(int[] tokens, int from, int to, int before, boolean trained) {
        return trained
                ? view(tokens, from, to, before, SHADES[0], SHADES[1], TRAINED_SPECIAL)
                : view(tokens, from, to, before, MASKED, MASKED, SPECIAL);
    }

    private String view(int[] tokens, int from, int to, int before, String even, String odd, String special) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            boolean isSpecial = isSpecial(tokens[i]);
            String piece = piece(i > 0 ? tokens[i - 1] : before, tokens[i]).replace("\n", "↵\n");
            if (colours) {
                text.append(isSpecial ? special : i % 2 == 0 ? even : odd)
                        .append(piece)
                        .append(PLAIN);
            } else {
                text.append(i > from ? "|" : "").append(isSpecial ? "⟦" + piece + "⟧" : piece);
            }
        }
        return text.toString();
    }

    /** One that is spelled only if special ones are; a lone space may decode to nothing either way. */
    private boolean isSpecial(int token) {
        int[] alone = {token};
        return tokenizer.decode(alone, true).isEmpty()
                && !tokenizer.decode(alone, false).isBlank();
    }

    /** Alone a token may lose its leading space: what it adds to the one before is shown. */
    private String piece(int previous, int token) {
        String alone = tokenizer.decode(new int[] {token}, false);
        if (previous < 0) {
            return alone;
        }
        String one = tokenizer.decode(new int[] {previous}, false);
        String both = tokenizer.decode(new int[] {previous, token}, false);
        return both.startsWith(one) ? both.substring(one.length()) : alone;
    }
}
