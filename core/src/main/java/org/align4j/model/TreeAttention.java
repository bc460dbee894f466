package org.align4j.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.align4j.data.PackedBatch;
import org.align4j.data.PackedBatch.Segment;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Attention over a packed batch: a token sees the trunk of its tree and its own branch up to itself.
 *
 * <p>The row is cut into pieces, and each piece of queries meets only the keys it can see: itself and, for branches,
 * the trunk. Small neighbours share a piece (a mask keeps them apart), since many tiny products cost more than a few
 * masked ones. Masks are made once and serve all layers.
 */
public final class TreeAttention implements Attention {
    /** Pieces are merged up to this many tokens. */
    private static final int SMALL = 128;

    /**
     * Tokens {@code [start, end)}. With {@code trunk} ≥ 0 they are branches of the trunk that is that piece; otherwise
     * nothing outside is visible.
     */
    private record Piece(int start, int end, int trunk) {}

    private final int[] positions;
    private final int[] segmentOf;
    private final int[] trunkOf;
    private final List<Piece> pieces;
    private final long[] pieceSizes;
    private final Map<String, Tensor> masks = new HashMap<>();
    private final UnaryOperator<Tensor> keeper = StepScope.keeper();

    /** The masks live in the step scope that is open now. */
    public TreeAttention(PackedBatch batch) {
        this.positions = batch.positions();
        this.segmentOf = new int[batch.tokenCount()];
        this.trunkOf = new int[batch.tokenCount()];
        List<Segment> segments = batch.segments();
        for (int s = 0; s < segments.size(); s++) {
            Segment segment = segments.get(s);
            for (int i = segment.start(); i < segment.end(); i++) {
                segmentOf[i] = s;
                trunkOf[i] = segment.parent() < 0 ? s : segment.parent();
            }
        }
        this.pieces = cut(segments);
        this.pieceSizes = new long[pieces.size()];
        for (int p = 0; p < pieceSizes.length; p++) {
            pieceSizes[p] = pieces.get(p).end() - pieces.get(p).start();
        }
    }

    private static List<Piece> cut(List<Segment> segments) {
        List<Piece> pieces = new ArrayList<>();
        int at = 0;
        while (at < segments.size()) {
            int wholeTrees = endOfSmallTrees(segments, at);
            if (wholeTrees > at) {
                pieces.add(new Piece(
                        segments.get(at).start(), segments.get(wholeTrees - 1).end(), -1));
                at = wholeTrees;
            } else {
                at = cutLargeTree(segments, at, pieces);
            }
        }
        return pieces;
    }

    /** The segment after the last whole tree, from {@code at} on, that fits a small piece together with those before it. */
    private static int endOfSmallTrees(List<Segment> segments, int at) {
        int start = segments.get(at).start();
        int end = at;
        for (int s = at + 1; s <= segments.size(); s++) {
            boolean treeEnds = s == segments.size() || segments.get(s).parent() < 0;
            if (treeEnds) {
                if (segments.get(s - 1).end() - start > SMALL) {
                    break;
                }
                end = s;
            }
        }
        return end;
    }

    private static int cutLargeTree(List<Segment> segments, int at, List<Piece> pieces) {
        Segment trunk = segments.get(at);
        int trunkPiece = -1;
        if (trunk.length() > 0) {
            trunkPiece = pieces.size();
            pieces.add(new Piece(trunk.start(), trunk.end(), -1));
        }
        int s = at + 1;
        while (s < segments.size() && segments.get(s).parent() == at) {
            int start = segments.get(s).start();
            int end = segments.get(s).end();
            s++;
            while (s < segments.size()
                    && segments.get(s).parent() == at
                    && segments.get(s).end() - start <= SMALL) {
                end = segments.get(s).end();
                s++;
            }
            pieces.add(new Piece(start, end, trunkPiece));
        }
        return s;
    }

    @Override
    public Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values, Scoring scoring) {
        int heads = (int) queries.size(1);
        int kvHeads = (int) keys.size(1);
        int width = (int) queries.size(2);
        int group = heads / kvHeads;

        Tensor[] queryPieces = queries.split(pieceSizes, 0);
        Tensor[] keyPieces = keys.split(pieceSizes, 0);
        Tensor[] valuePieces = values.split(pieceSizes, 0);
        List<Tensor> results = new ArrayList<>(pieces.size());
        for (int p = 0; p < queryPieces.length; p++) {
            int trunk = pieces.get(p).trunk();
            Tensor seenKeys = keyPieces[p];
            Tensor seenValues = valuePieces[p];
            if (trunk >= 0) {
                seenKeys = Tensor.cat(List.of(keyPieces[trunk], seenKeys), 0);
                seenValues = Tensor.cat(List.of(valuePieces[trunk], seenValues), 0);
            }
            long length = pieceSizes[p];
            // The query heads that share a key head become further rows of queries: keys are never copied per head.
            Tensor grouped = queryPieces[p]
                    .reshape(length, kvHeads, group, width)
                    .permute(1, 2, 0, 3)
                    .reshape(kvHeads, group * length, width);
            Tensor mixed = dense(
                    grouped,
                    seenKeys.transpose(0, 1),
                    seenValues.transpose(0, 1),
                    mask(p, group, scoring.window(), queries.dtype()),
                    scoring);
            results.add(mixed.reshape(kvHeads, group, length, width)
                    .permute(2, 0, 1, 3)
                    .reshape(length, (long) heads * width));
        }
        return Tensor.cat(results, 0);
    }

    /** A batch of one. */
    private static Tensor one(Tensor heads) {
        return heads.reshape(1, heads.size(0), heads.size(1), heads.size(2));
    }

    /** (heads, queries, width), (heads, keys, width) twice, (queries, keys): (heads, queries, width). */
    private static Tensor dense(Tensor queries, Tensor keys, Tensor values, Tensor mask, Scoring scoring) {
        if (queries.dtype() == Dtype.F32 && scoring.cap() == UNCAPPED) {
            return one(queries)
                    .attention(one(keys), one(values), mask, scoring.scale())
                    .reshape(queries.size(0), queries.size(1), values.size(2));
        }
        // The fused kernel knows no cap, and is slow in bf16 on most processors; two batched products are not.
        return queries.mul(scoring.scale())
                .matmul(keys.transpose(1, 2))
                .softCap(scoring.cap())
                .add(mask)
                .softmax()
                .matmul(values);
    }

    /** (group × queries, keys): 0 where a query of piece p sees a key, −∞ where not. */
    private Tensor mask(int p, int group, int window, Dtype dtype) {
        String key = p + "/" + group + "/" + window;
        Tensor mask = masks.get(key);
        if (mask == null) {
            Piece piece = pieces.get(p);
            Piece trunk = piece.trunk() < 0 ? null : pieces.get(piece.trunk());
            int trunkLength = trunk == null ? 0 : trunk.end() - trunk.start();
            int length = piece.end() - piece.start();
            int seen = trunkLength + length;
            float[] one = new float[length * seen];
            for (int i = 0; i < length; i++) {
                int query = piece.start() + i;
                for (int j = 0; j < seen; j++) {
                    int other = j < trunkLength ? trunk.start() + j : piece.start() + j - trunkLength;
                    one[i * seen + j] = sees(query, other, window) ? 0 : Float.NEGATIVE_INFINITY;
                }
            }
            mask = Tensor.of(one, 1, length, seen)
                    .to(dtype)
                    .expand(group, length, seen)
                    .reshape((long) group * length, seen);
            masks.put(key, keeper.apply(mask));
        }
        return mask;
    }

    private boolean sees(int query, int other, int window) {
        boolean visible = segmentOf[other] == segmentOf[query] || segmentOf[other] == trunkOf[query];
        int distance = positions[query] - positions[other];
        return visible && distance >= 0 && distance < window;
    }
}
