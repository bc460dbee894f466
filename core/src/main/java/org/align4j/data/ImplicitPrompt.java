package org.align4j.data;

/**
 * Finds the prompt that {@code chosen} and {@code rejected} both begin with, where a data set has no prompt of its own.
 * The rule is that of TRL 1.16 ({@code trl.extract_prompt}), so that both see the same examples:
 *
 * <ul>
 *   <li>the prompt is the longest common beginning, in code points;
 *   <li>a space right before the first difference belongs to the completions;
 *   <li>if one text is the beginning of the other, the prompt stops one character before the shorter one's end, so that
 *       neither completion is empty.
 * </ul>
 *
 * One case departs from TRL: if the very first characters differ, there is no prompt. TRL then looks at
 * {@code chosen[-1]}, Python's last character, and takes all but a space at the end for the prompt.
 *
 * @param prompt the common beginning, perhaps empty
 * @param chosen what is left of the preferred text, never empty
 * @param rejected what is left of the other text, never empty
 */
record ImplicitPrompt(String prompt, String chosen, String rejected) {

    /** Splits two texts, neither of them empty. */
    static ImplicitPrompt split(String chosen, String rejected) {
        int shorter = Math.min(chosen.length(), rejected.length());
        int end = 0;
        while (end < shorter && chosen.charAt(end) == rejected.charAt(end)) {
            end++;
        }
        if (end == shorter) {
            return at(chosen.offsetByCodePoints(end, -1), chosen, rejected);
        }
        if (end > 0 && Character.isHighSurrogate(chosen.charAt(end - 1))) {
            end--; // two characters outside the basic plane that share their first half
        }
        if (end > 0 && chosen.charAt(end - 1) == ' ') {
            end--;
        }
        return at(end, chosen, rejected);
    }

    private static ImplicitPrompt at(int end, String chosen, String rejected) {
        return new ImplicitPrompt(chosen.substring(0, end), chosen.substring(end), rejected.substring(end));
    }
}
