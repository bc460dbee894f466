package org.align4j.objective;

import java.util.List;

/**
 * Examples, each a prompt's completions, as an objective sees them: an optimizer step, or with most objectives a part of
 * one.
 *
 * @param examples their completions in the order of the data
 * @param step about the whole step, which is known before any forward pass
 * @param memory what the objective carried over from the step before; empty at first and for most
 * @param judges of each example, where a run has several objectives: {@link BySource}
 */
public record Batch(List<List<Completion>> examples, Step step, double[] memory, Judges judges) {
    public Batch(List<List<Completion>> examples, Step step, double[] memory) {
        this(examples, step, memory, Judges.ONE);
    }

    /**
     * Which of several objectives judges what.
     *
     * @param ofExample index of the objective of each example
     * @param steps the whole step as each objective sees it: its own examples
     */
    public record Judges(List<Integer> ofExample, List<Step> steps) {
        static final Judges ONE = new Judges(List.of(), List.of());
    }

    /**
     * The whole optimizer step.
     *
     * @param examples in it
     * @param bestTokens predicted tokens of its completions of the best tier
     */
    public record Step(int examples, long bestTokens) {}

    /** A whole step. */
    public static Batch of(List<List<Completion>> examples) {
        long tokens = 0;
        for (List<Completion> example : examples) {
            for (Completion completion : best(example)) {
                tokens += completion.length();
            }
        }
        return new Batch(examples, new Step(examples.size(), tokens), new double[0]);
    }

    /** The completions of the best tier. */
    static List<Completion> best(List<Completion> example) {
        int tier = example.stream().mapToInt(Completion::tier).min().orElseThrow();
        return example.stream().filter(each -> each.tier() == tier).toList();
    }

    /** The same with other memory. */
    Batch with(double[] other) {
        return new Batch(examples, step, other, judges);
    }

    int completions() {
        int count = 0;
        for (List<Completion> example : examples) {
            count += example.size();
        }
        return count;
    }
}
