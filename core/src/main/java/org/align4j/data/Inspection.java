package org.align4j.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * What is worth knowing about preferences before training on them.
 *
 * @param rows rankings
 * @param conversations how many of them a chat template wrote
 * @param sizes how many rankings there are of each number of completions
 * @param repeatedRows rows that are the same as an earlier one
 * @param repeatedPrompts rows whose prompt an earlier row has too, with whatever completions
 * @param promptLengths ascending
 * @param completionLengths ascending
 * @param pairs pairs of a better and a worse completion, over all rankings
 * @param longerBetter pairs in which the better one is longer
 * @param shorterBetter pairs in which it is shorter
 * @param meanDifference mean length of the better one minus that of the worse one
 */
public record Inspection(
        int rows,
        int conversations,
        Map<Integer, Integer> sizes,
        int repeatedRows,
        int repeatedPrompts,
        int[] promptLengths,
        int[] completionLengths,
        long pairs,
        long longerBetter,
        long shorterBetter,
        double meanDifference) {

    /** @param length of a text, in whatever unit */
    public static Inspection of(List<Ranking> rankings, ToIntFunction<String> length) {
        int conversations = 0;
        Map<Integer, Integer> sizes = new TreeMap<>();
        Set<List<Object>> rows = new HashSet<>();
        Set<String> prompts = new HashSet<>();
        List<Integer> promptLengths = new ArrayList<>();
        List<Integer> completionLengths = new ArrayList<>();
        long pairs = 0;
        long longer = 0;
        long shorter = 0;
        double difference = 0;
        for (Ranking ranking : rankings) {
            conversations += ranking.rendered() ? 1 : 0;
            sizes.merge(ranking.completions().size(), 1, Integer::sum);
            rows.add(List.of(ranking.prompt(), ranking.completions()));
            prompts.add(ranking.prompt());
            int promptLength = length.applyAsInt(ranking.prompt());
            promptLengths.add(promptLength);
            List<Integer> lengths = new ArrayList<>();
            for (Ranking.Completion completion : ranking.completions()) {
                // A rendered completion begins with its prompt.
                int own = length.applyAsInt(completion.text()) - (ranking.rendered() ? promptLength : 0);
                lengths.add(own);
            }
            completionLengths.addAll(lengths);
            for (int i = 0; i < lengths.size(); i++) {
                for (int j = 0; j < lengths.size(); j++) {
                    if (ranking.completions().get(i).tier()
                            < ranking.completions().get(j).tier()) {
                        int more = lengths.get(i) - lengths.get(j);
                        pairs++;
                        longer += more > 0 ? 1 : 0;
                        shorter += more < 0 ? 1 : 0;
                        difference += more;
                    }
                }
            }
        }
        return new Inspection(
                rankings.size(),
                conversations,
                sizes,
                rankings.size() - rows.size(),
                rankings.size() - prompts.size(),
                promptLengths.stream().mapToInt(i -> i).sorted().toArray(),
                completionLengths.stream().mapToInt(i -> i).sorted().toArray(),
                pairs,
                longer,
                shorter,
                pairs == 0 ? 0 : difference / pairs);
    }

    /** How many rows of {@code held} have a prompt that {@code trained} has too. */
    public static int sharedPrompts(List<Ranking> trained, List<Ranking> held) {
        Set<String> prompts = new HashSet<>();
        trained.forEach(ranking -> prompts.add(ranking.prompt()));
        return (int) held.stream()
                .filter(ranking -> prompts.contains(ranking.prompt()))
                .count();
    }
}
