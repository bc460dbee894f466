package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackingTest {
    /** A prompt of some tokens and a completion of others, numbered row · 100 + place. */
    private static TokenTree row(int row, int prompt, int completion) {
        int[] trunk = new int[prompt];
        int[] branch = new int[completion];
        for (int i = 0; i < prompt + completion; i++) {
            int token = row * 100 + i;
            if (i < prompt) {
                trunk[i] = token;
            } else {
                branch[i - prompt] = token;
            }
        }
        return new TokenTree(trunk, List.of(new TokenTree.Branch(branch, 0)), row);
    }

    private static List<TokenTree> rows(int... lengths) {
        List<TokenTree> rows = new ArrayList<>();
        for (int length : lengths) {
            rows.add(row(rows.size(), 1, length - 1));
        }
        return rows;
    }

    private static List<List<Integer>> numbers(List<List<TokenTree>> packs) {
        return packs.stream()
                .map(pack -> pack.stream().map(TokenTree::row).toList())
                .toList();
    }

    @Test
    void bestFitFillsTheFullestPackThatHasRoom() {
        // Longest first: 7, 6, 5, 4, 3, 2. The 4 goes to the 6 (room 4), the 3 to the 7 (room 3), the 2 to the 5.
        assertThat(numbers(Packing.bestFit(rows(2, 3, 4, 5, 6, 7), 10)))
                .containsExactly(List.of(5, 1), List.of(4, 2), List.of(3, 0));
    }

    @Test
    void equalRowsKeepTheirOrder() {
        assertThat(numbers(Packing.bestFit(rows(5, 5, 5, 5, 5), 10)))
                .containsExactly(List.of(0, 1), List.of(2, 3), List.of(4));
    }

    @Test
    void longRowsAreSplitAndTheirPromptIsStillNotLearned() {
        List<TokenTree> parts = Packing.split(List.of(row(0, 3, 4), row(1, 1, 2)), 4);
        assertThat(parts).hasSize(3);
        TokenTree.Branch first = parts.get(0).branches().get(0);
        assertThat(parts.get(0).trunk()).isEmpty();
        assertThat(first.tokens()).containsExactly(0, 1, 2, 3);
        assertThat(first.trained()).containsExactly(false, false, false, true);
        assertThat(parts.get(1).branches().get(0).tokens()).containsExactly(4, 5, 6);
        assertThat(parts.get(1).branches().get(0).trained()).containsExactly(true, true, true);
        // A row that fits stays as it is.
        assertThat(parts.get(2).trunk()).containsExactly(100);
        assertThat(parts.get(2).branches().get(0).tokens()).containsExactly(101, 102);
    }

    @Test
    void wrappedRowsAreOneTextCutWhereAPackIsFull() {
        List<TokenTree> packs = Packing.wrapped(List.of(row(0, 1, 2), row(1, 2, 3)), 4, 1);
        assertThat(packs).hasSize(2);
        TokenTree.Branch first = packs.get(0).branches().get(0);
        assertThat(first.tokens()).containsExactly(0, 1, 2, 100);
        // The opening token of row 0 is learned, the first of row 1's two prompt tokens is not.
        assertThat(first.trained()).containsExactly(true, true, true, false);
        assertThat(packs.get(1).branches().get(0).tokens()).containsExactly(101, 102, 103, 104);
        assertThat(packs.get(1).branches().get(0).trained()).containsExactly(false, true, true, true);
    }
}
