package org.align4j.model;

import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;

/**
 * Where the steps of a packed batch's completions end: tokens that are to be called good or bad.
 *
 * @param tokens indices in the batch, in its order
 * @param classes what each is to be called: 1 good, 0 bad
 * @param trees which tree of the batch each belongs to
 */
public record StepEnds(int[] tokens, int[] classes, int[] trees) {

    public static StepEnds of(PackedBatch batch) {
        int[] tokens = new int[batch.tokenCount()];
        int[] classes = new int[batch.tokenCount()];
        int[] trees = new int[batch.tokenCount()];
        int count = 0;
        int at = 0;
        for (int t = 0; t < batch.trees().size(); t++) {
            TokenTree tree = batch.trees().get(t);
            at += tree.trunk().length;
            for (TokenTree.Branch branch : tree.branches()) {
                for (int each : branch.classes()) {
                    if (each >= 0) {
                        tokens[count] = at;
                        classes[count] = each;
                        trees[count] = t;
                        count++;
                    }
                    at++;
                }
            }
        }
        return new StepEnds(
                java.util.Arrays.copyOf(tokens, count),
                java.util.Arrays.copyOf(classes, count),
                java.util.Arrays.copyOf(trees, count));
    }
}
