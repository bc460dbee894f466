package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
    private static List<TokenTree> trees(int count) {
        List<TokenTree> trees = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            trees.add(new TokenTree(
                    new int[] {i}, List.of(new Branch(new int[] {1}, 0), new Branch(new int[] {2}, 1)), i));
        }
        return trees;
    }

    private static List<Integer> rows(BatchPlan plan, int from, int to) {
        List<Integer> rows = new ArrayList<>();
        for (int step = from; step < to; step++) {
            plan.batch(step).forEach(tree -> rows.add(tree.row()));
        }
        return rows;
    }

    @Test
    void withoutShufflingRowsComeInTheOrderOfTheFile() {
        BatchPlan plan = new BatchPlan(BatchPlan.single(trees(7)), 3, false, 1);
        assertThat(plan.stepsPerEpoch()).isEqualTo(3);
        assertThat(plan.batch(2)).extracting(TokenTree::row).containsExactly(6);
        assertThat(rows(plan, 0, 3)).containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(rows(plan, 3, 6)).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void everyEpochHasEveryRowOnceInAnOrderOfItsOwn() {
        BatchPlan plan = new BatchPlan(BatchPlan.single(trees(100)), 8, true, 1);
        List<Integer> first = rows(plan, 0, 13);
        List<Integer> second = rows(plan, 13, 26);
        assertThat(first).hasSize(100).doesNotHaveDuplicates();
        assertThat(second).hasSize(100).doesNotHaveDuplicates().isNotEqualTo(first);
        assertThat(rows(new BatchPlan(BatchPlan.single(trees(100)), 8, true, 2), 0, 13))
                .isNotEqualTo(first);
    }

    @Test
    void anyStepCanBeAskedForAtAnyTime() {
        BatchPlan plan = new BatchPlan(BatchPlan.single(trees(10)), 4, true, 3);
        List<Integer> late = rows(plan, 4, 5);
        rows(plan, 0, 2);
        assertThat(rows(new BatchPlan(BatchPlan.single(trees(10)), 4, true, 3), 4, 5))
                .isEqualTo(late);
        assertThat(rows(plan, 4, 5)).isEqualTo(late);
    }

    @Test
    void packedGoesThroughTheSameBatches() {
        BatchPlan plan = new BatchPlan(BatchPlan.single(trees(5)), 2, true, 4);
        List<Integer> packed = new ArrayList<>();
        for (PackedBatch batch : plan.packed(3, 3)) { // three tokens: one tree each
            assertThat(batch.trees()).hasSize(1);
            packed.add(batch.trees().get(0).row());
        }
        assertThat(packed).isEqualTo(rows(plan, 0, 3));
    }
}
