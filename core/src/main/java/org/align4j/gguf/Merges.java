package org.align4j.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * SentencePiece's BPE joins the two neighbours that make the token of the highest score; Hugging Face's follows a list of
 * pairs. One says the same as the other if the list has all pairs that make a token, those of one token together.
 */
final class Merges {
    /** Two tokens that become one. */
    record Merge(String left, String right) {}

    private record Scored(Merge merge, float score, int left, int right) {}

    private Merges() {}

    /** The list that transformers makes of scores ({@code generate_merges}): by score, then longer halves first. */
    static List<Merge> ofScores(List<String> tokens, float[] scores) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        List<Scored> scored = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            List<Scored> ofToken = new ArrayList<>();
            for (int cut = 1; cut < token.length(); cut++) {
                Integer left = ids.get(token.substring(0, cut));
                Integer right = ids.get(token.substring(cut));
                if (left != null && right != null) {
                    Merge merge = new Merge(token.substring(0, cut), token.substring(cut));
                    ofToken.add(new Scored(merge, scores[id], left, right));
                }
            }
            ofToken.sort(Comparator.comparingInt(Scored::left).thenComparingInt(Scored::right));
            scored.addAll(ofToken);
        }
        Comparator<Scored> byScore = Comparator.comparing(Scored::score);
        scored.sort(byScore.thenComparingInt(each -> each.merge()
                        .left()
                        .codePointCount(0, each.merge().left().length()))
                .thenComparingInt(each -> each.merge()
                        .right()
                        .codePointCount(0, each.merge().right().length()))
                .reversed());
        List<Merge> merges = new ArrayList<>();
        for (Scored each : scored) {
            merges.add(each.merge());
        }
        return merges;
    }

    /**
     * Scores by token: 0 for what nothing makes, −1 for what is made first, −2 for the next.
     *
     * @return nothing if no scores say the same as the list
     */
    static Optional<Map<String, Float>> toScores(List<Merge> merges, Set<String> tokens) {
        Map<String, Float> scores = new HashMap<>();
        String last = "";
        for (Merge merge : merges) {
            String made = merge.left() + merge.right();
            if (!made.equals(last) && scores.put(made, -1f - scores.size()) != null) {
                return Optional.empty();
            }
            last = made;
        }
        Set<Merge> listed = new HashSet<>(merges);
        for (String token : tokens) {
            for (int cut = 1; cut < token.length(); cut++) {
                Merge merge = new Merge(token.substring(0, cut), token.substring(cut));
                boolean possible = tokens.contains(merge.left()) && tokens.contains(merge.right());
                if (possible && !listed.contains(merge)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(scores);
    }
}
