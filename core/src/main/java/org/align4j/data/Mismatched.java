package org.align4j.data;

import java.util.List;

/**
 * Completions beside prompts they do not belong to, from which KTO estimates its KL term: in each block of rows, every
 * prompt also gets the completion of the row before it, the first that of the last. The prompt is computed once for both.
 */
public final class Mismatched {
    /** The tier of the completion that does not belong. */
    public static final int TIER = 2;

    private Mismatched() {}

    /**
     * @param trees of one completion each
     * @param whole the same before they were cut: a shorter prompt has room for more of a neighbour's completion
     * @param blockSize rows of a block: an optimizer step's
     * @param maxLength tokens of prompt + completion at most
     * @return trees that are made when they are asked for
     */
    public static List<TokenTree> add(List<TokenTree> trees, List<TokenTree> whole, int blockSize, int maxLength) {
        return Lazily.list(trees.size(), i -> {
            int from = i / blockSize * blockSize;
            int last = Math.min(trees.size(), from + blockSize) - 1;
            TokenTree tree = trees.get(i);
            TokenTree.Branch other =
                    whole.get(i == from ? last : i - 1).branches().get(0);
            int kept = Math.min(other.tokens().length, maxLength - tree.trunk().length);
            TokenTree.Branch mismatched = other.first(kept).at(TIER);
            return new TokenTree(tree.trunk(), List.of(tree.branches().get(0), mismatched), tree.row());
        });
    }
}
