package org.align4j.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Linear layers of one input, for few rows and without gradients, in pieces that the threads of a {@link Crew} compute:
 * each then reads its share of the weights.
 */
public final class SplitLinear implements AutoCloseable {
    /** Elements of a weight from which a piece pays, in time for another thread to take it and in memory to pack it. */
    public static final int WORTH_A_PIECE = 1 << 16;
    /** Elements beyond which pieces are more than threads, so that none waits long for another. */
    private static final int LARGE_PIECE = 1 << 22;
    /** Some outputs, which go to these places. */
    private record Piece(LinearPiece linear, List<Part> places) {

        void apply(Tensor x, Tensor[] results) {
            if (places.size() == 1) {
                Part place = places.get(0);
                linear.apply(x, results[place.layer], place.from);
                return;
            }
            Tensor computed = linear.apply(x);
            long from = 0;
            for (Part place : places) {
                LinearPiece.copy(computed, from, results[place.layer], place.from, place.length);
                from += place.length;
            }
        }
    }

    private final long[] outputs; // of each layer
    private final boolean small;
    private final Piece[] pieces; // the layers' outputs end to end

    /**
     * @param weights (out, in) of each layer
     * @param biases (out) of each layer, or empty
     * @param threads how many will compute
     * @param crew makes the pieces
     */
    public SplitLinear(List<Tensor> weights, List<Tensor> biases, int threads, boolean packed, Crew crew) {
        this.outputs = weights.stream().mapToLong(weight -> weight.size(0)).toArray();
        long elements = elements(weights);
        this.small = isSmall(weights);
        List<List<Part>> places = places(outputs, small ? 1 : count(elements, threads), packed && !small);
        pieces = new Piece[places.size()];
        crew.run(pieces.length, p -> {
            try (StepScope scope = StepScope.open()) {
                Tensor weight = joined(weights, places.get(p));
                Tensor bias = biases.isEmpty() ? null : joined(biases, places.get(p));
                pieces[p] = new Piece(LinearPiece.of(scope, weight, bias, packed), places.get(p));
            }
        });
    }

    /** Whether threads gain nothing by sharing layers with these weights. */
    public static boolean isSmall(List<Tensor> weights) {
        return elements(weights) < 2 * WORTH_A_PIECE;
    }

    private static long elements(List<Tensor> weights) {
        return weights.stream().mapToLong(Tensor::count).sum();
    }

    private static int count(long elements, int threads) {
        long rounds = (elements - 1) / ((long) LARGE_PIECE * threads) + 1;
        return (int) Math.min(rounds * threads, elements / WORTH_A_PIECE);
    }

    /** Outputs of one layer. */
    private record Part(int layer, long from, long length) {}

    /** About equal pieces of all outputs. Only such as are copied anyway are made of several layers. */
    private static List<List<Part>> places(long[] outputs, int count, boolean acrossLayers) {
        long all = Arrays.stream(outputs).sum();
        long size =
                (all + (long) count * LinearPiece.BLOCK - 1) / ((long) count * LinearPiece.BLOCK) * LinearPiece.BLOCK;
        List<List<Part>> places = new ArrayList<>();
        long done = 0;
        for (int layer = 0; layer < outputs.length; layer++) {
            long from = 0;
            while (from < outputs[layer]) {
                boolean begins = done % size == 0 || from == 0 && !acrossLayers;
                if (begins) {
                    places.add(new ArrayList<>());
                }
                long length = Math.min(outputs[layer] - from, size - done % size);
                places.get(places.size() - 1).add(new Part(layer, from, length));
                from += length;
                done += length;
            }
        }
        return places;
    }

    private static Tensor joined(List<Tensor> ofLayers, List<Part> parts) {
        List<Tensor> tensors = new ArrayList<>();
        for (Part part : parts) {
            tensors.add(ofLayers.get(part.layer).narrow(0, part.from, part.length));
        }
        return tensors.size() == 1 ? tensors.get(0) : Tensor.cat(tensors, 0);
    }

    /** What each layer gives, {@code x · weightᵀ + bias}: (rows, in) to (rows, out). */
    public Tensor[] apply(Tensor x, Crew crew) {
        if (small) {
            return Arrays.stream(pieces).map(piece -> piece.linear.apply(x)).toArray(Tensor[]::new);
        }
        Tensor[] results = new Tensor[outputs.length];
        for (int layer = 0; layer < results.length; layer++) {
            results[layer] = Tensor.empty(x.dtype(), x.size(0), outputs[layer]);
        }
        crew.run(pieces.length, p -> {
            try (StepScope scope = StepScope.open()) {
                pieces[p].apply(x, results);
            }
        });
        return results;
    }

    @Override
    public void close() {
        for (Piece piece : pieces) {
            piece.linear.close();
        }
    }
}
