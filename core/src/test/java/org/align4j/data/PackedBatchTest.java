package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PackedBatchTest {
    private static final TokenTree PAIR = tree(0, new int[] {5, 6, 7}, new int[] {8, 9}, new int[] {10});
    private static final TokenTree BARE = tree(1, new int[0], new int[] {11, 12, 13});

    @Test
    void laysTrunksOnceAndBranchesBehindThem() {
        PackedBatch batch = PackedBatch.of(List.of(PAIR, BARE));
        assertThat(batch.tokens()).containsExactly(5, 6, 7, 8, 9, 10, 11, 12, 13);
        // Both branches of the pair go on at position 3.
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 4, 3, 0, 1, 2);
        assertThat(batch.segments())
                .containsExactly(
                        new PackedBatch.Segment(0, 3, -1),
                        new PackedBatch.Segment(3, 5, 0),
                        new PackedBatch.Segment(5, 6, 0),
                        new PackedBatch.Segment(6, 6, -1),
                        new PackedBatch.Segment(6, 9, 3));
    }

    @Test
    void predictsEachCompletionTokenFromTheOneBeforeIt() {
        PackedBatch batch = PackedBatch.of(List.of(PAIR, BARE));
        // The first token of a branch is predicted from the trunk's last, that of a bare text by nothing.
        assertThat(batch.labels()).containsExactly(8, 9, 10, 12, 13);
        assertThat(batch.predictedFrom()).containsExactly(2, 3, 2, 6, 7);
        assertThat(batch.branchStarts()).containsExactly(0, 2, 3, 5);
    }

    @Test
    void predictsOnlyWhatIsTrainedOn() {
        boolean[] marks = {true, false, true};
        TokenTree marked = new TokenTree(
                new int[] {5}, List.of(new TokenTree.Branch(new int[] {6, 7, 8}, 0, Double.NaN, marks)), 0);
        PackedBatch batch = PackedBatch.of(List.of(marked, BARE));
        assertThat(batch.tokens()).containsExactly(5, 6, 7, 8, 11, 12, 13);
        assertThat(batch.labels()).containsExactly(6, 8, 12, 13);
        assertThat(batch.predictedFrom()).containsExactly(0, 2, 4, 5);
        assertThat(batch.branchStarts()).containsExactly(0, 2, 4);
    }

    @Test
    void splitsInOrderWithinTheBudget() {
        List<PackedBatch> batches = PackedBatch.split(List.of(PAIR, BARE, PAIR, BARE, BARE), 9);
        assertThat(batches.stream().map(batch -> batch.trees().size())).containsExactly(2, 2, 1);
        assertThat(batches.get(1).trees()).containsExactly(PAIR, BARE);
        // A tree over the budget is never cut.
        assertThat(PackedBatch.split(List.of(BARE, PAIR, BARE), 4).stream().map(PackedBatch::tokenCount))
                .containsExactly(3, 6, 3);
    }

    private static TokenTree tree(int row, int[] trunk, int[]... branches) {
        List<TokenTree.Branch> list = new java.util.ArrayList<>();
        for (int[] branch : branches) {
            list.add(new TokenTree.Branch(branch, list.size()));
        }
        return new TokenTree(trunk, list, row);
    }
}
