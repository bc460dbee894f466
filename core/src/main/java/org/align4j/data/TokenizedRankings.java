package org.align4j.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.align4j.Words;

/**
 * Rankings as token trees, and what became of those that are not there.
 *
 * @param trees the kept rankings in their order; {@code trees.get(i).row()} is {@code i}
 * @param whole the same before they were cut, as far as they were stored
 * @param sources where each kept ranking came from, by {@link TokenTree#row}
 * @param positions each kept ranking's position, from 0, among those that were tokenized, by {@link TokenTree#row}
 */
public record TokenizedRankings(
        List<TokenTree> trees, List<TokenTree> whole, List<Source> sources, List<Integer> positions, Report report) {

    /**
     * Counts, for the user to see before a run.
     *
     * @param rows rankings given
     * @param kept trees made
     * @param promptTooLong rankings dropped because their prompt alone fills {@code maxLength}
     * @param indistinguishable rankings kept in which no two completions of different tiers differ in the tokens kept
     * @param untrained rankings dropped because nothing to train on is left of a completion
     * @param truncatedCompletions completions cut at {@code maxLength} in the rankings kept
     * @param boundaryMismatches rankings kept in which the prompt's last tokens changed when a completion followed
     * @param mismatchExample the end of the prompt that was lost in the first of them that shows, or the empty text
     * @param maxLength the limit, in tokens, on prompt and completion together
     * @param tooLong rankings dropped because a completion would be cut, where none may be
     */
    public record Report(
            int rows,
            int kept,
            int promptTooLong,
            int indistinguishable,
            int untrained,
            int truncatedCompletions,
            int boundaryMismatches,
            String mismatchExample,
            int maxLength,
            int tooLong) {

        /** Where completions are cut. */
        public Report(
                int rows,
                int kept,
                int promptTooLong,
                int indistinguishable,
                int untrained,
                int truncatedCompletions,
                int boundaryMismatches,
                String mismatchExample,
                int maxLength) {
            this(
                    rows,
                    kept,
                    promptTooLong,
                    indistinguishable,
                    untrained,
                    truncatedCompletions,
                    boundaryMismatches,
                    mismatchExample,
                    maxLength,
                    0);
        }

        /** Where each completion is judged by itself, and it is no matter that two are the same. */
        private Report withoutIndistinguishable() {
            return new Report(
                    rows,
                    kept,
                    promptTooLong,
                    0,
                    untrained,
                    truncatedCompletions,
                    boundaryMismatches,
                    mismatchExample,
                    maxLength,
                    tooLong);
        }

        /** Of these rows and others. */
        public Report and(Report more) {
            return new Report(
                    rows + more.rows,
                    kept + more.kept,
                    promptTooLong + more.promptTooLong,
                    indistinguishable + more.indistinguishable,
                    untrained + more.untrained,
                    truncatedCompletions + more.truncatedCompletions,
                    boundaryMismatches + more.boundaryMismatches,
                    mismatchExample.isEmpty() ? more.mismatchExample : mismatchExample,
                    maxLength,
                    tooLong + more.tooLong);
        }

        /** What a user should know, a sentence each. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("%,d of %s kept".formatted(kept, Words.count(rows, "row")));
            if (promptTooLong > 0) {
                lines.add("%s dropped: the prompt alone fills max_length = %d tokens"
                        .formatted(Words.count(promptTooLong, "row"), maxLength));
            }
            if (tooLong > 0) {
                lines.add("%s dropped: a completion ends beyond max_length = %d tokens"
                        .formatted(Words.count(tooLong, "row"), maxLength));
            }
            if (indistinguishable > 0) {
                lines.add("comparing completions teaches nothing in %s: within max_length = %d tokens they are the same"
                        .formatted(Words.count(indistinguishable, "row"), maxLength));
            }
            if (untrained > 0) {
                lines.add("%s dropped: max_length = %d tokens leave nothing to train on of a completion"
                        .formatted(Words.count(untrained, "row"), maxLength));
            }
            if (truncatedCompletions > 0) {
                lines.add("%s cut at max_length = %d tokens"
                        .formatted(Words.count(truncatedCompletions, "completion"), maxLength));
            }
            if (boundaryMismatches > 0) {
                lines.add(
                        "%s where the end of the prompt and the beginning of a completion become one token: that end counts as the completion's (in the first %s); prompts that end with a whole word avoid it"
                                .formatted(
                                        Words.count(boundaryMismatches, "row"),
                                        BadRowException.quote(mismatchExample)));
            }
            return lines;
        }
    }

    /** Views of rows, which are asked for whenever a tree is. */
    static TokenizedRankings of(List<TokenizedRow> rows, int[] kept, Report report) {
        return new TokenizedRankings(
                Lazily.list(kept.length, i -> rows.get(kept[i]).tree(report.maxLength(), i)),
                Lazily.list(kept.length, i -> rows.get(kept[i]).tree(Integer.MAX_VALUE, i)),
                Lazily.list(kept.length, i -> rows.get(kept[i]).source()),
                Lazily.list(kept.length, i -> kept[i]),
                report);
    }

    /** The same rows with other trees in the place of theirs. */
    public TokenizedRankings with(List<TokenTree> otherTrees) {
        return new TokenizedRankings(otherTrees, whole, sources, positions, report);
    }

    /** The same for who compares no completions: that some are the same is nothing to report. */
    public TokenizedRankings uncompared() {
        return new TokenizedRankings(trees, whole, sources, positions, report.withoutIndistinguishable());
    }

    /** The same in a random order, which the seed decides (Fisher and Yates). */
    public TokenizedRankings shuffled(long seed) {
        int[] order = IntStream.range(0, trees.size()).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return new TokenizedRankings(
                Lazily.list(order.length, i -> trees.get(order[i]).at(i)),
                Lazily.list(order.length, i -> whole.get(order[i]).at(i)),
                Lazily.list(order.length, i -> sources.get(order[i])),
                Lazily.list(order.length, i -> positions.get(order[i])),
                report);
    }

    /**
     * SHA-256 in hexadecimal over all token ids, tiers, scores, what is trained on and by which objective: equal if and
     * only if training sees the same examples in the same order. Does not depend on file names.
     */
    public String hash() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        for (TokenTree tree : trees) {
            if (tree.objective() > 0) {
                digest.update(ByteBuffer.allocate(5)
                        .put((byte) 'o')
                        .putInt(tree.objective())
                        .flip());
            }
            update(digest, tree.branches().size(), tree.trunk());
            for (TokenTree.Branch branch : tree.branches()) {
                update(digest, branch.tier(), branch.tokens());
                if (!Double.isNaN(branch.score())) {
                    digest.update(ByteBuffer.allocate(9)
                            .put((byte) 's')
                            .putDouble(branch.score())
                            .flip());
                }
                if (branch.classes() != null) {
                    digest.update((byte) 'c');
                    for (int each : branch.classes()) {
                        digest.update((byte) each);
                    }
                }
                if (branch.trained() != null) {
                    digest.update((byte) 't');
                    for (boolean trained : branch.trained()) {
                        digest.update((byte) (trained ? 1 : 0));
                    }
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Lengths go in too, so that no two different lists of trees give the same bytes. */
    private static void update(MessageDigest digest, int header, int[] tokens) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * (2 + tokens.length));
        bytes.putInt(header).putInt(tokens.length);
        for (int token : tokens) {
            bytes.putInt(token);
        }
        digest.update(bytes.flip());
    }
}
