package org.align4j.data;

import java.util.List;

/**
 * A prompt with K ≥ 2 completions that somebody has put in order: the general form of human preference. A preference
 * pair is a ranking of two. Completions stand in the order of the file (for pairs: chosen, rejected).
 */
public record Ranking(String prompt, List<Completion> completions, Source source) {

    /**
     * One completion.
     *
     * @param tier its place: 0 is best; completions of the same tier are tied
     */
    public record Completion(String text, int tier) {}

    public Ranking {
        completions = List.copyOf(completions);
    }

    public static Ranking pair(String prompt, String chosen, String rejected, Source source) {
        return new Ranking(prompt, List.of(new Completion(chosen, 0), new Completion(rejected, 1)), source);
    }
}
