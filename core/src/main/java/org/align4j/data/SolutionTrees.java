package org.align4j.data;

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

    /** The whole row. Steps without a label count as bad. */
    public TokenizedRow tokenize(Solution solution) {
        return new TokenizedRow(trunk(solution.prompt()), new int[0], List.of(branch(solution)), solution.source(), 0);
    }

    /**
     * Makes trees of rows, and leaves out what cannot be used.
     *
     * @param wanted indexes of rows, in the order of the result; an index may be there more than once
     */
    public TokenizedRankings select(List<TokenizedRow> rows, int[] wanted) {
        List<TokenizedRow> shaped = Lazily.list(rows.size(), i -> shaped(rows.get(i)));
        int[] kept = new int[wanted.length];
        int count = 0;
        int untrained = 0;
        int truncated = 0;
        int tooLong = 0;
        for (int index : wanted) {
            int whole = rows.get(index).branches().get(0).tokens().length;
            TokenizedRow row = shaped.get(index);
            TokenTree.Branch branch = row.branches().get(0);
            int room = row.room(maxLength);
            boolean cut = whole > Math.min(room, maxCompletionLength);
            if (cut && !cuts) {
                tooLong++;
            } else if (room <= 0 || Arrays.stream(branch.classes()).limit(room).allMatch(each -> each == NONE)) {
                untrained++;
            } else {
                truncated += cut ? 1 : 0;
                kept[count++] = index;
            }
        }
        return TokenizedRankings.of(
                shaped,
                Arrays.copyOf(kept, count),
                new TokenizedRankings.Report(
                        wanted.length, count, 0, 0, untrained, truncated, 0, "", maxLength, tooLong));
    }

    /** With the last label alone, if so, and cut to the length of completions. */
    private TokenizedRow shaped(TokenizedRow row) {
        TokenTree.Branch branch = row.branches().get(0);
        if (lastOnly) {
            int[] classes = new int[branch.tokens().length];
            Arrays.fill(classes, NONE);
            classes[classes.length - 1] = branch.classes()[classes.length - 1];
            branch = new TokenTree.Branch(branch.tokens(), 0, Double.NaN, null, classes);
        }
        TokenizedRow whole = new TokenizedRow(row.trunk(), row.lost(), List.of(branch), row.source(), 0);
        return new TokenizedRow(row.trunk(), row.lost(), whole.cut(maxCompletionLength), row.source(), 0);
    }

    private int[] trunk(String prompt) {
        int[] ids = tokenizer.encodeWithoutSpecialTokens(prompt);
        return tokenizer.bosId().isPresent()
                ? joined(new int[] {tokenizer.bosId().getAsInt()}, ids)
                : ids;
    }

    private TokenTree.Branch branch(Solution solution) {
        int[] end = tokenizer.encodeWithoutSpecialTokens(separator);
        int[] tokens = {};
        int[] classes = {};
        for (int i = 0; i < solution.steps().size(); i++) {
            int[] step =
                    joined(tokenizer.encodeWithoutSpecialTokens(solution.steps().get(i)), end);
            int[] calls = new int[step.length];
            Arrays.fill(calls, NONE);
            boolean good = !solution.good().isEmpty() && solution.good().get(i);
            calls[calls.length - 1] = good ? 1 : 0;
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
