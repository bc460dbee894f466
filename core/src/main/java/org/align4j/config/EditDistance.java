package org.align4j.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How many letters must be inserted, deleted or replaced, or neighbours swapped, to make one word of another (Levenshtein 1966,
 * Damerau 1964; no letter is touched twice).
 */
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
        return isNear(word, best) ? nearest : null;
    }

    private static boolean isNear(String word, int distance) {
        return distance <= Math.max(1, word.length() / 3);
    }

    /** Keys that may be meant by one that is none of them: those that are near, else those that share a word; three at most. */
    static List<String> nearestFew(String key, List<String> candidates) {
        List<String> words = List.of(key.split("_"));
        List<String> byDistance = candidates.stream()
                .sorted(Comparator.comparing(name -> between(key, name)))
                .toList();
        List<String> near = byDistance.stream()
                .filter(name -> isNear(key, between(key, name)))
                .toList();
        List<String> related = byDistance.stream()
                .filter(name -> Arrays.stream(name.split("_")).anyMatch(words::contains))
                .toList();
        return (near.isEmpty() ? related : near).stream().limit(3).toList();
    }

    public static int between(String a, String b) {
        int[][] distances = new int[a.length() + 1][b.length() + 1]; // of the beginnings of so many letters
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                int replaced = distances[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                distances[i][j] = Math.min(replaced, Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    distances[i][j] = Math.min(distances[i][j], distances[i - 2][j - 2] + 1);
                }
            }
        }
        return distances[a.length()][b.length()];
    }
}
