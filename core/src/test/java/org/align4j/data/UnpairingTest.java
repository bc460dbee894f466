package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnpairingTest {
    /** Pair i is the prompt {i} with the completions {10 i} and {10 i + 1}. */
    private static TokenizedRankings pairs(int count) {
        List<TokenizedRow> rows = new ArrayList<>();
        int[] all = new int[count];
        for (int i = 0; i < count; i++) {
            List<TokenTree.Branch> branches = List.of(
                    new TokenTree.Branch(new int[] {10 * i}, 0), new TokenTree.Branch(new int[] {10 * i + 1}, 1));
            rows.add(new TokenizedRow(new int[] {i}, new int[0], branches, new Source("f", i + 1)));
            all[i] = i;
        }
        return TokenizedRankings.of(
                rows, all, new TokenizedRankings.Report(count, count, 0, 0, 0, 0, 0, "", Integer.MAX_VALUE));
    }

    @Test
    void ofEachBlockTheBetterOnesComeFirst() {
        TokenizedRankings single = Unpairing.of(pairs(5), 2);
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < single.trees().size(); i++) {
            TokenTree tree = single.trees().get(i);
            TokenTree.Branch branch = tree.branches().get(0);
            tokens.add(branch.tokens()[0]);
            assertThat(tree.row()).isEqualTo(i);
            assertThat(tree.trunk()).containsExactly(branch.tokens()[0] / 10);
            assertThat(branch.tier()).isEqualTo(branch.tokens()[0] % 10);
            assertThat(single.sources().get(i).line()).isEqualTo(branch.tokens()[0] / 10 + 1);
            assertThat(single.whole().get(i).branches()).hasSize(1);
        }
        assertThat(tokens).containsExactly(0, 10, 1, 11, 20, 30, 21, 31, 40, 41);
    }
}
