package org.align4j.data;

import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Pairs as single completions, one of them good and one bad: in each block of pairs the better ones come first, then the
 * worse ones of the same prompts, so that neighbours do not share a prompt.
 */
public final class Unpairing {
    private Unpairing() {}

    /**
     * @param pairs trees of two completions
     * @param block pairs of a block, 1 or more
     * @return trees of one completion, twice as many, made when they are asked for
     */
    public static TokenizedRankings of(TokenizedRankings pairs, int block) {
        int count = pairs.trees().size();
        // The place of a row in its block, and how many pairs that block has, tell its pair and which of the two it is.
        IntUnaryOperator start = i -> i / (2 * block) * block;
        IntUnaryOperator size = i -> Math.min(block, count - start.applyAsInt(i));
        IntUnaryOperator pair = i -> start.applyAsInt(i) + (i - 2 * start.applyAsInt(i)) % size.applyAsInt(i);
        IntUnaryOperator branch = i -> (i - 2 * start.applyAsInt(i)) / size.applyAsInt(i);
        return new TokenizedRankings(
                single(pairs.trees(), pair, branch),
                single(pairs.whole(), pair, branch),
                Lazily.list(2 * count, i -> pairs.sources().get(pair.applyAsInt(i))),
                Lazily.list(2 * count, i -> pairs.positions().get(pair.applyAsInt(i))),
                pairs.report());
    }

    private static List<TokenTree> single(List<TokenTree> pairs, IntUnaryOperator pair, IntUnaryOperator branch) {
        return Lazily.list(2 * pairs.size(), i -> {
            TokenTree tree = pairs.get(pair.applyAsInt(i));
            return new TokenTree(tree.trunk(), List.of(tree.branches().get(branch.applyAsInt(i))), i);
        });
    }
}
