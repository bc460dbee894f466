package org.align4j.config;

/** How many letters must be inserted, deleted or replaced to make one word of another (Levenshtein 1966). */
public final class EditDistance {
    private EditDistance() {}

    /** The nearest of some words to one that is none of them; null if all are far. */
    public static String nearest(String word, Iterable<String> candidates) {
        String nearest = null;
        int best = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = between(word, candidate);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        return best <= Math.max(2, word.length() / 3) ? nearest : null;
    }

    public static int between(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j < previous.length; j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
