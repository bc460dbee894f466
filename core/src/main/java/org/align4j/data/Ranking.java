package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import org.align4j.template.Rendered;
import org.align4j.template.Span;

/**
 * A prompt with K completions that somebody has put in order: the general form of human preference. A preference pair is a
 * ranking of two; a demonstration, or a completion that somebody called good or bad, is one of one. Completions stand in the order of the file (for pairs: chosen, rejected).
 *
 * @param rendered whether a chat template wrote the texts. Then a completion's text is the whole conversation and the
 *     prompt is the conversation before it, with what begins an answer; special tokens and the end stand in them, and none
 *     are added. Otherwise prompt and completion are joined as they stand.
 */
public record Ranking(String prompt, List<Completion> completions, boolean rendered, Source source) {

    /**
     * One completion.
     *
     * @param tier its place: 0 is best; completions of the same tier are tied
     * @param score how good somebody found it, higher is better; NaN where the data does not say
     * @param trained the pieces of the text to train on, in code points; empty: all that follows the prompt
     */
    public record Completion(String text, int tier, double score, List<Span> trained) {
        public Completion(String text, int tier) {
            this(text, tier, Double.NaN);
        }

        public Completion(String text, int tier, double score) {
            this(text, tier, score, List.of());
        }

        /** What a chat template wrote; its spans are trained on. */
        static Completion of(Rendered written, int tier, double score) {
            List<Span> spans = new ArrayList<>();
            for (Span span : written.generationSpans()) {
                spans.add(span.inCodePoints(written.text()));
            }
            return new Completion(written.text(), tier, score, spans);
        }

        public Completion {
            trained = List.copyOf(trained);
            if (tier < 0) {
                throw new IllegalArgumentException("tier is " + tier + ", expected 0 for the best, 1 for the next, …");
            }
        }
    }

    /** Of plain texts. */
    public Ranking(String prompt, List<Completion> completions, Source source) {
        this(prompt, completions, false, source);
    }

    public Ranking {
        completions = List.copyOf(completions);
        if (completions.isEmpty()) {
            throw new IllegalArgumentException("a ranking has no completions, expected at least one");
        }
    }

    public static Ranking pair(String prompt, String chosen, String rejected, Source source) {
        return new Ranking(prompt, List.of(new Completion(chosen, 0), new Completion(rejected, 1)), source);
    }

    /** A single completion with its prompt as a part of it. */
    Ranking withoutPrompt() {
        Completion only = completions.get(0);
        String whole = rendered ? only.text() : prompt + only.text();
        return new Ranking(
                "", List.of(new Completion(whole, only.tier(), only.score(), only.trained())), rendered, source);
    }
}
