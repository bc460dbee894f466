package org.align4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.align4j.text.Tokenizer;

/**
 * Makes token trees of solutions, by the rules of the PRMTrainer of TRL 1.4: the prompt is the trunk and
 * the steps are one branch, each tokenized by itself; a separator follows each step, and its last token is the one that is
 * called good or bad. The beginning-of-text token comes first where the tokenizer has one; no end of text is added.
 *
 * <p>Rows of which no labelled step is left within {@code maxLength} are dropped and counted; TRL keeps them in their place in
 * the batch.
 *
 * @param maxCompletionLength tokens of the steps together at most
 * @param maxLength tokens of prompt and steps at most; what is beyond is cut
 * @param lastOnly whether only the last step is called anything
 * @param cuts whether what is too long is cut; else it is dropped
 */
public record SolutionTrees(
        Tokenizer tokenizer, String separator, int maxCompletionLength, int maxLength, boolean lastOnly, boolean cuts) {
    private static final int NONE = -1;

    /** Steps without a label count as bad. */
    public TokenizedRankings build(List<Solution> solutions) {
        int[] end = tokenizer.encodeWithoutSpecialTokens(separator);
        List<TokenTree> trees = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        int untrained = 0;
        int truncated = 0;
        int tooLong = 0;
        for (int i = 0; i < solutions.size(); i++) {
            int[] trunk = trunk(solutions.get(i).prompt());
            TokenTree.Branch whole = branch(solutions.get(i), end);
            int room = Math.max(0, Math.min(maxCompletionLength, maxLength - trunk.length));
            boolean cut = whole.tokens().length > room;
            TokenTree.Branch branch = cut && room > 0 ? whole.first(room) : whole;
            if (cut && !cuts) {
                tooLong++;
            } else if (room == 0 || Arrays.stream(branch.classes()).allMatch(each -> each == NONE)) {
                untrained++;
            } else {
                truncated += cut ? 1 : 0;
                trees.add(new TokenTree(trunk, List.of(branch), trees.size()));
                sources.add(solutions.get(i).source());
                positions.add(i);
            }
        }
        return new TokenizedRankings(
                trees,
                sources,
                positions,
                new TokenizedRankings.Report(
                        solutions.size(), trees.size(), 0, 0, untrained, truncated, 0, "", maxLength, tooLong));
    }

    private int[] trunk(String prompt) {
        int[] ids = tokenizer.encodeWithoutSpecialTokens(prompt);
        return tokenizer.bosId().isPresent()
                ? joined(new int[] {tokenizer.bosId().getAsInt()}, ids)
                : ids;
    }

    private TokenTree.Branch branch(Solution solution, int[] end) {
        int[] tokens = {};
        int[] classes = {};
        int last = solution.steps().size() - 1;
        for (int i = 0; i <= last; i++) {
            int[] step =
                    joined(tokenizer.encodeWithoutSpecialTokens(solution.steps().get(i)), end);
            int[] calls = new int[step.length];
            Arrays.fill(calls, NONE);
            if (!lastOnly || i == last) {
                boolean good = !solution.good().isEmpty() && solution.good().get(i);
                calls[calls.length - 1] = good ? 1 : 0;
            }
            tokens = joined(tokens, step);
            classes = joined(classes, calls);
        }
        return new TokenTree.Branch(tokens, 0, Double.NaN, null, classes);
    }

    private static int[] joined(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
