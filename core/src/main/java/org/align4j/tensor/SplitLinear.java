package org.align4j.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * Linear layers of one input, for few rows and without gradients, in pieces that the threads of a {@link Crew} compute:
 * each then reads its share of the weights. Packed pieces are copies in the order in which oneDNN's kernels read, which
 * else they make for every product.
 */
public final class SplitLinear implements AutoCloseable {
    /** Elements of a weight from which a piece pays, in time for another thread to take it and in memory to pack it. */
    public static final int WORTH_A_PIECE = 1 << 16;
    /** Outputs of a piece come in multiples of this many, which is how kernels take them. */
    private static final int BLOCK = 16;
    /** The order is made for this many rows; it serves fewer and more as well. */
    private static final int ROWS = 64;

    /** Some outputs of one layer. {@code bias} may be null. */
    private record Piece(int layer, Tensor weight, Tensor bias) {}

    private final Piece[] pieces;
    private final int layers;
    private final boolean small;
    private final boolean packed;

    /**
     * @param weights (out, in) of each layer
     * @param biases (out) of each layer, or empty
     * @param threads how many will compute
     * @param crew makes the pieces
     */
    public SplitLinear(List<Tensor> weights, List<Tensor> biases, int threads, boolean packed, Crew crew) {
        long all = weights.stream().mapToLong(Tensor::count).sum();
        this.layers = weights.size();
        this.small = all < 2 * WORTH_A_PIECE;
        this.packed = packed && !small;
        List<int[]> places = new ArrayList<>(); // layer, first output, outputs
        for (int layer = 0; layer < layers; layer++) {
            long elements = weights.get(layer).count();
            int out = (int) weights.get(layer).size(0);
            long fair = Math.round((double) threads * elements / all);
            int count = small ? 1 : (int) Math.max(1, Math.min(fair, elements / WORTH_A_PIECE));
            int size = (out + count * BLOCK - 1) / (count * BLOCK) * BLOCK;
            for (int from = 0; from < out; from += size) {
                places.add(new int[] {layer, from, Math.min(size, out - from)});
            }
        }
        pieces = new Piece[places.size()];
        crew.run(pieces.length, p -> {
            int[] place = places.get(p);
            try (StepScope scope = StepScope.open()) {
                Tensor rows = weights.get(place[0]).narrow(0, place[1], place[2]);
                pieces[p] = new Piece(
                        place[0],
                        scope.disown(this.packed ? pack(rows) : rows),
                        biases.isEmpty()
                                ? null
                                : scope.disown(biases.get(place[0]).narrow(0, place[1], place[2])));
            }
        });
    }

    /** What each layer gives, {@code x · weightᵀ + bias}: (rows, in) to (rows, out). */
    public Tensor[] apply(Tensor x, Crew crew) {
        if (small) {
            return Arrays.stream(pieces).map(piece -> linear(x, piece)).toArray(Tensor[]::new);
        }
        try (StepScope scope = StepScope.open()) {
            Tensor[] outputs = crew.compute(pieces.length, p -> linear(x, pieces[p]));
            Tensor[] results = new Tensor[layers];
            int from = 0;
            for (int layer = 0; layer < layers; layer++) {
                List<Tensor> own = new ArrayList<>();
                for (; from < outputs.length && pieces[from].layer == layer; from++) {
                    own.add(outputs[from]);
                }
                results[layer] = scope.keep(Tensor.cat(own, 1));
            }
            return results;
        }
    }

    private Tensor linear(Tensor x, Piece piece) {
        if (!packed) {
            return x.linear(piece.weight, piece.bias);
        }
        IValue bias = piece.bias == null ? Ops.NONE : new IValue(piece.bias.handle);
        return Ops.call(
                Ops.LINEAR,
                new IValue(x.handle),
                new IValue(piece.weight.handle),
                bias,
                Ops.NO_FUNCTION,
                Ops.NO_SCALARS,
                Ops.NONE);
    }

    private static Tensor pack(Tensor weight) {
        return Ops.call(Ops.PACK, new IValue(weight.handle), new IValue((long) ROWS));
    }

    /** Operators of libtorch that have no Java method, and constants for them. */
    private static final class Ops {
        /** (weight, rows it will meet) */
        static final OperatorHandle PACK = find("mkldnn::_reorder_linear_weight");
        /** (x, weight, bias?, function applied after, its scalars, its variant?) */
        static final OperatorHandle LINEAR = find("mkldnn::_linear_pointwise");

        static final IValue NONE = forever(new IValue());
        static final IValue NO_FUNCTION = forever(new IValue("none"));
        static final IValue NO_SCALARS = forever(new IValue(new GenericList(
                LINEAR.schema().arguments().getPointer(4).type().get().containedType(0))));

        static OperatorHandle find(String name) {
            return forever(Dispatcher.singleton().findSchemaOrThrow(name, ""));
        }

        /** Whatever scope is open when this class is first used does not own it. */
        static <P extends Pointer> P forever(P pointer) {
            return pointer.retainReference();
        }

        static Tensor call(OperatorHandle operator, IValue... arguments) {
            IValueVector stack = new IValueVector(arguments);
            operator.callBoxed(stack);
            // What the stack gives is a reference into it, so the result gets a handle of its own.
            return new Tensor(new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor()));
        }
    }

    @Override
    public void close() {
        for (Piece piece : pieces) {
            piece.weight.close();
            if (piece.bias != null) {
                piece.bias.close();
            }
        }
    }
}
