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
    /** Elements beyond which pieces are more than threads, so that none waits long for another. */
    private static final int LARGE_PIECE = 1 << 22;
    /** Outputs of a piece come in multiples of this many, which is how kernels take them. */
    private static final int BLOCK = 16;
    /** The order is made for this many rows; it serves fewer and more as well. */
    private static final int ROWS = 64;

    /** Some outputs, (out, in) and (out). {@code bias} may be null. */
    private record Piece(Tensor weight, Tensor bias) {}

    private final long[] outputs; // of each layer
    private final boolean small;
    private final boolean packed;
    private final Piece[] pieces; // the layers' outputs end to end

    /**
     * @param weights (out, in) of each layer
     * @param biases (out) of each layer, or empty
     * @param threads how many will compute
     * @param crew makes the pieces
     */
    public SplitLinear(List<Tensor> weights, List<Tensor> biases, int threads, boolean packed, Crew crew) {
        this.outputs = weights.stream().mapToLong(weight -> weight.size(0)).toArray();
        long elements = weights.stream().mapToLong(Tensor::count).sum();
        this.small = elements < 2 * WORTH_A_PIECE;
        this.packed = packed && !small;
        List<List<Part>> places = places(outputs, small ? 1 : count(elements, threads), this.packed);
        pieces = new Piece[places.size()];
        crew.run(pieces.length, p -> {
            try (StepScope scope = StepScope.open()) {
                Tensor weight = joined(weights, places.get(p));
                pieces[p] = new Piece(
                        scope.disown(this.packed ? pack(weight) : weight),
                        biases.isEmpty() ? null : scope.disown(joined(biases, places.get(p))));
            }
        });
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
        long size = (all + (long) count * BLOCK - 1) / ((long) count * BLOCK) * BLOCK;
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
            return Arrays.stream(pieces).map(piece -> linear(x, piece)).toArray(Tensor[]::new);
        }
        Tensor all;
        try (StepScope scope = StepScope.open()) {
            all = scope.keep(Tensor.cat(List.of(crew.compute(pieces.length, p -> linear(x, pieces[p]))), 1));
        }
        return outputs.length == 1 ? new Tensor[] {all} : all.split(outputs, 1);
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
