package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.text.TinyTokenizer;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids are those of {@link TinyTokenizer}: 1 begins and 2 ends a text, a 3, b 4, c 5, space 6, ab 7, bc 8. */
class TreeBuilderTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private Tokenizer tokenizer;

    @BeforeEach
    void load(@TempDir Path folder) {
        tokenizer = Tokenizer.load(TinyTokenizer.write(folder));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private TokenizedRankings build(int maxLength, Ranking... rankings) {
        return new TreeBuilder(tokenizer, maxLength).build(List.of(rankings));
    }

    private static Ranking pair(String prompt, String chosen, String rejected) {
        return Ranking.pair(prompt, chosen, rejected, new Source("rows.jsonl", 1));
    }

    /** A tree as text: trunk | branch | branch. */
    private static String show(TokenTree tree) {
        StringBuilder text = new StringBuilder(show(tree.trunk()));
        for (TokenTree.Branch branch : tree.branches()) {
            text.append(" | ").append(branch.tier()).append(": ").append(show(branch.tokens()));
        }
        return text.toString();
    }

    private static String show(int[] tokens) {
        List<String> ids = new ArrayList<>();
        for (int token : tokens) {
            ids.add(Integer.toString(token));
        }
        return String.join(" ", ids);
    }

    @Test
    void thePromptIsTheTrunkAndEveryBranchEnds() {
        TokenizedRankings result = build(NO_LIMIT, pair("c ", "ab", "b</s>"));
        assertThat(result.trees()).extracting(TreeBuilderTest::show).containsExactly("1 5 6 | 0: 7 2 | 1: 4 2");
        assertThat(result.report()).isEqualTo(new TokenizedRankings.Report(1, 1, 0, 0, 0, 0, 0, "", NO_LIMIT));
        assertThat(result.report().lines()).containsExactly("1 of 1 row kept");
    }

    @Test
    void tiersAndOrderAreThoseOfTheRanking() {
        Ranking ranking = new Ranking(
                "c",
                List.of(
                        new Ranking.Completion("a", 1),
                        new Ranking.Completion(" ", 0),
                        new Ranking.Completion("ab", 1)),
                new Source("rows.jsonl", 9));
        assertThat(build(NO_LIMIT, ranking).trees())
                .extracting(TreeBuilderTest::show)
                .containsExactly("1 5 | 1: 3 2 | 0: 6 2 | 1: 7 2");
    }

    @Test
    void whereTokensMergeAcrossTheBoundaryTheTrunkIsCutForAllBranches() {
        // "ca" is c a, but "cab" is c ab: the a of the prompt goes to both completions.
        TokenizedRankings result = build(NO_LIMIT, pair("c", "c", "a"), pair("ca", "b", "c"));
        assertThat(show(result.trees().get(1))).isEqualTo("1 5 | 0: 7 2 | 1: 3 5 2");
        assertThat(result.report()).isEqualTo(new TokenizedRankings.Report(2, 2, 0, 0, 0, 0, 1, "a", NO_LIMIT));
        assertThat(result.report().lines())
                .containsExactly(
                        "2 of 2 rows kept",
                        "1 row where the end of the prompt and the beginning of a completion become one token: that end"
                                + " counts as the completion's (in the first \"a\"); prompts that end with a whole word"
                                + " avoid it");
    }

    @Test
    void longCompletionsAreCutFromTheirEnd() {
        TokenizedRankings result = build(4, pair("c", "ccccc", "a"));
        assertThat(result.trees()).extracting(TreeBuilderTest::show).containsExactly("1 5 | 0: 5 5 | 1: 3 2");
        assertThat(result.report()).isEqualTo(new TokenizedRankings.Report(1, 1, 0, 0, 0, 1, 0, "", 4));
        assertThat(result.report().lines())
                .containsExactly("1 of 1 row kept", "1 completion cut at max_length = 4 tokens");
    }

    @Test
    void aPromptThatFillsMaxLengthDropsTheRow() {
        TokenizedRankings result = build(3, pair("cc", "a", "b"), pair("c", "a", "b"), pair("ccc", "a", "b"));
        assertThat(result.trees()).extracting(TreeBuilderTest::show).containsExactly("1 5 | 0: 3 | 1: 4");
        assertThat(result.report()).isEqualTo(new TokenizedRankings.Report(3, 1, 2, 0, 0, 2, 0, "", 3));
        assertThat(result.report().lines()).contains("2 rows dropped: the prompt alone fills max_length = 3 tokens");
    }

    @Test
    void completionsThatDoNotDifferInTheTokensKeptAreCounted() {
        TokenizedRankings cut = build(4, pair("c", "cca", "ccb"), pair("c", "ca", "cb"));
        assertThat(cut.trees())
                .extracting(TreeBuilderTest::show)
                .containsExactly("1 5 | 0: 5 5 | 1: 5 5", "1 5 | 0: 5 3 | 1: 5 4");
        assertThat(cut.report()).isEqualTo(new TokenizedRankings.Report(2, 2, 0, 1, 0, 4, 0, "", 4));
        assertThat(cut.report().lines())
                .contains(
                        "comparing completions teaches nothing in 1 row: within max_length = 4 tokens they are the same");
        assertThat(cut.uncompared().report().lines())
                .containsExactly("2 of 2 rows kept", "4 completions cut at max_length = 4 tokens");

        // Both become the unknown token, whatever the limit.
        TokenizedRankings unknown = build(NO_LIMIT, pair("c", "x", "y"));
        assertThat(unknown.report().indistinguishable()).isEqualTo(1);

        // Tied completions that differ say something to who judges ties.
        Ranking.Completion a = new Ranking.Completion("a", 0);
        Source source = new Source("rows.jsonl", 1);
        Ranking tied = new Ranking("c", List.of(a, new Ranking.Completion("b", 0)), source);
        Ranking same = new Ranking("c", List.of(a, a), source);
        assertThat(build(NO_LIMIT, tied, same).report().indistinguishable()).isEqualTo(1);

        // Of three, two are alike, but the third still says something.
        Ranking three = new Ranking(
                "c",
                List.of(new Ranking.Completion("x", 0), new Ranking.Completion("y", 1), new Ranking.Completion("a", 2)),
                new Source("rows.jsonl", 1));
        assertThat(build(NO_LIMIT, three).trees())
                .extracting(TreeBuilderTest::show)
                .containsExactly("1 5 | 0: 0 2 | 1: 0 2 | 2: 3 2");
    }

    @Test
    void rowsCountTheKeptAndLeadBackToTheFile() {
        Ranking dropped = Ranking.pair("cccc", "a", "b", new Source("rows.jsonl", 1));
        Ranking first = Ranking.pair("c", "a", "b", new Source("rows.jsonl", 2));
        Ranking second = Ranking.pair("c", "b", "a", new Source("rows.jsonl", 5));
        TokenizedRankings result = build(4, dropped, first, dropped, second);
        assertThat(result.trees()).extracting(TokenTree::row).containsExactly(0, 1);
        assertThat(result.sources()).containsExactly(first.source(), second.source());
        assertThat(result.positions()).containsExactly(1, 3);
    }

    @Test
    void anEmptyPromptLeavesTheBeginningOfTextAsTrunk() {
        assertThat(show(build(NO_LIMIT, pair("", "a", "b")).trees().get(0))).isEqualTo("1 | 0: 3 2 | 1: 4 2");
    }

    @Test
    void theHashTellsExamplesTiersAndOrderApart() {
        Ranking one = pair("c", "a", "b");
        Ranking two = pair("c", "b", "a");
        String hash = build(NO_LIMIT, one, two).hash();
        assertThat(hash).isEqualTo("8556125abb6e81e065beee90779178607f1be769a8c638220923de1623b1d62c");
        assertThat(build(100, one, two).hash()).isEqualTo(hash);
        assertThat(build(NO_LIMIT, two, one).hash()).isNotEqualTo(hash);
        assertThat(build(NO_LIMIT, one).hash()).isNotEqualTo(hash);
        // The same tokens in the same order, but a token further from trunk to branch.
        assertThat(build(NO_LIMIT, pair("ca", " ", "c")).hash())
                .isNotEqualTo(build(NO_LIMIT, pair("c", "a ", "ac")).hash());
    }

    @Test
    void aLimitThatLeavesNoRoomIsAUsageError() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> new TreeBuilder(tokenizer, 1))
                .withMessage(
                        "max_length is 1, expected at least 2: a token of prompt and one of completion; give a larger"
                                + " one");
    }
}
