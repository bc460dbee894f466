package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Token trees laid end to end in one row: each trunk once, then its branches, no padding. This is what a model computes
 * in one forward pass.
 *
 * <p>Each completion token to train on with context before it is one prediction: {@code predictedFrom[i]} is the index of the token
 * whose hidden state predicts {@code labels[i]}. Predictions stand in the order of the branches; those of branch b are
 * {@code [branchStarts[b], branchStarts[b + 1])}, where b counts the branches of the whole batch.
 */
public final class PackedBatch {

    /** A trunk (parent −1) or a branch (parent: the index of its trunk's segment), tokens {@code [start, end)}. */
    public record Segment(int start, int end, int parent) {
        public int length() {
            return end - start;
        }
    }

    private final List<TokenTree> trees;
    private final int[] tokens;
    private final int[] positions;
    private final List<Segment> segments;
    private final int[] predictedFrom;
    private final int[] labels;
    private final int[] branchStarts;

    private PackedBatch(
            List<TokenTree> trees,
            int[] tokens,
            int[] positions,
            List<Segment> segments,
            int[] predictedFrom,
            int[] labels,
            int[] branchStarts) {
        this.trees = trees;
        this.tokens = tokens;
        this.positions = positions;
        this.segments = segments;
        this.predictedFrom = predictedFrom;
        this.labels = labels;
        this.branchStarts = branchStarts;
    }

    public static PackedBatch of(List<TokenTree> trees) {
        int tokenCount = 0;
        int branchCount = 0;
        int predictionCount = 0;
        for (TokenTree tree : trees) {
            tokenCount += tree.packedTokens();
            branchCount += tree.branches().size();
            for (TokenTree.Branch branch : tree.branches()) {
                for (int i = 0; i < branch.tokens().length; i++) {
                    predictionCount += predicted(tree, branch, i) ? 1 : 0;
                }
            }
        }

        int[] tokens = new int[tokenCount];
        int[] positions = new int[tokenCount];
        List<Segment> segments = new ArrayList<>();
        int[] predictedFrom = new int[predictionCount];
        int[] labels = new int[predictionCount];
        int[] branchStarts = new int[branchCount + 1];

        int at = 0;
        int predictions = 0;
        int branchIndex = 0;
        for (TokenTree tree : trees) {
            int trunkLength = tree.trunk().length;
            int trunkSegment = segments.size();
            int trunkEnd = at + trunkLength;
            segments.add(new Segment(at, trunkEnd, -1));
            for (int i = 0; i < trunkLength; i++) {
                tokens[at] = tree.trunk()[i];
                positions[at] = i;
                at++;
            }
            for (TokenTree.Branch branch : tree.branches()) {
                int length = branch.tokens().length;
                segments.add(new Segment(at, at + length, trunkSegment));
                for (int i = 0; i < length; i++) {
                    if (predicted(tree, branch, i)) {
                        predictedFrom[predictions] = i > 0 ? at - 1 : trunkEnd - 1;
                        labels[predictions] = branch.tokens()[i];
                        predictions++;
                    }
                    tokens[at] = branch.tokens()[i];
                    positions[at] = trunkLength + i;
                    at++;
                }
                branchIndex++;
                branchStarts[branchIndex] = predictions;
            }
        }
        return new PackedBatch(
                List.copyOf(trees), tokens, positions, List.copyOf(segments), predictedFrom, labels, branchStarts);
    }

    private static boolean predicted(TokenTree tree, TokenTree.Branch branch, int token) {
        boolean hasContext = token > 0 || tree.trunk().length > 0;
        return hasContext && branch.trains(token);
    }

    /**
     * Cuts examples into batches of at most {@code tokenBudget} packed tokens, in order. A tree larger than the budget
     * gets a batch of its own.
     */
    public static List<PackedBatch> split(List<TokenTree> trees, int tokenBudget) {
        return List.copyOf(splitLazily(trees, tokenBudget));
    }

    /** The same for more examples than memory may hold: each batch is made when it is asked for. */
    public static List<PackedBatch> splitLazily(List<TokenTree> trees, int tokenBudget) {
        IntStream.Builder starts = IntStream.builder();
        int used = 0;
        for (int i = 0; i < trees.size(); i++) {
            int tokens = trees.get(i).packedTokens();
            if (i == 0 || used + tokens > tokenBudget) {
                starts.add(i);
                used = 0;
            }
            used += tokens;
        }
        int[] from = starts.add(trees.size()).build().toArray();
        return Lazily.list(from.length - 1, i -> of(List.copyOf(trees.subList(from[i], from[i + 1]))));
    }

    public List<TokenTree> trees() {
        return trees;
    }

    public int tokenCount() {
        return tokens.length;
    }

    /** Token ids (tokens). */
    public int[] tokens() {
        return tokens;
    }

    /** Position of each token in its own sequence: what rotary and learned position embeddings see. */
    public int[] positions() {
        return positions;
    }

    public List<Segment> segments() {
        return segments;
    }

    public int predictionCount() {
        return labels.length;
    }

    public int[] predictedFrom() {
        return predictedFrom;
    }

    public int[] labels() {
        return labels;
    }

    public int branchCount() {
        return branchStarts.length - 1;
    }

    public int[] branchStarts() {
        return branchStarts;
    }
}
