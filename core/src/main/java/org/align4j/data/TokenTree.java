package org.align4j.data;

import java.util.Arrays;
import java.util.List;

/**
 * A training example as tokens: a prompt (the trunk) with K completions (the branches). The trunk is computed once for
 * all its branches; a branch's positions go on where the trunk ends.
 *
 * @param trunk token ids of the prompt; may be empty, then a branch's first token is context only: nothing predicts it
 * @param branches the completions, in the order of the data
 * @param row index of the example in its data set
 * @param objective index of the objective that judges it, where a run has several
 */
public record TokenTree(int[] trunk, List<Branch> branches, int row, int objective) {
    public TokenTree(int[] trunk, List<Branch> branches, int row) {
        this(trunk, branches, row, 0);
    }

    /**
     * One completion.
     *
     * @param tokens its token ids, never empty
     * @param tier its place in the ranking: 0 is best; branches of the same tier are tied
     * @param score how good somebody found it, higher is better; NaN where the data does not say
     * @param trained which of the tokens are to be predicted, one for each; null: all of them
     * @param classes what each token is to be called, −1 for nothing; null where tokens are called nothing
     */
    public record Branch(int[] tokens, int tier, double score, boolean[] trained, int[] classes) {
        public Branch(int[] tokens, int tier, double score, boolean[] trained) {
            this(tokens, tier, score, trained, null);
        }

        public Branch(int[] tokens, int tier) {
            this(tokens, tier, Double.NaN, null);
        }

        public Branch {
            if (tokens.length == 0) {
                throw new IllegalArgumentException("a branch needs at least one token");
            }
            if (trained != null && trained.length != tokens.length) {
                throw new IllegalArgumentException(trained.length + " marks for " + tokens.length + " tokens");
            }
        }

        /** The same cut to its first tokens. */
        Branch first(int length) {
            return new Branch(
                    Arrays.copyOf(tokens, length),
                    tier,
                    score,
                    trained == null ? null : Arrays.copyOf(trained, length),
                    classes == null ? null : Arrays.copyOf(classes, length));
        }

        /** The same in another place of the ranking. */
        Branch at(int otherTier) {
            return new Branch(tokens, otherTier, score, trained, classes);
        }

        /** Whether a token is to be predicted from what is before it. */
        public boolean trains(int token) {
            return trained == null || trained[token];
        }
    }

    public TokenTree {
        branches = List.copyOf(branches);
        if (branches.isEmpty()) {
            throw new IllegalArgumentException("a tree needs at least one branch");
        }
    }

    /** The same at another index. */
    TokenTree at(int otherRow) {
        return new TokenTree(trunk, branches, otherRow);
    }

    /** The tier of the best branches. */
    public int bestTier() {
        int best = Integer.MAX_VALUE;
        for (Branch branch : branches) {
            best = Math.min(best, branch.tier());
        }
        return best;
    }

    /** Tokens that the model computes: the trunk once, and every branch. */
    public int packedTokens() {
        int total = trunk.length;
        for (Branch branch : branches) {
            total += branch.tokens().length;
        }
        return total;
    }

    /** Tokens that the plain way computes: prompt + completion for every completion. This is what TRL counts. */
    public long plainTokens() {
        return (long) trunk.length * branches.size() + packedTokens() - trunk.length;
    }
}
