package org.align4j.tensor;

import java.nio.ByteBuffer;

/** A linear layer, or a part of one, as one thread computes it without gradients. */
sealed interface LinearPiece extends AutoCloseable permits PackedPiece, PlainPiece {
    /** Outputs and inputs of a piece come in multiples of this many, which is how kernels take them. */
    int BLOCK = 16;

    /** Up to so many rows a loop copies faster than three operations of libtorch. */
    int FEW = 64;

    /**
     * A piece that lives until it is closed.
     *
     * @param scope the innermost, where weight and bias were made
     * @param weight (out, in)
     * @param bias (out) or null
     * @param packed whether the weight may be copied into an order that is read faster
     */
    static LinearPiece of(StepScope scope, Tensor weight, Tensor bias, boolean packed) {
        if (packed && OneDnn.isAvailable()) {
            return new PackedPiece(scope, weight, bias);
        }
        return new PlainPiece(scope.disown(weight), bias == null ? null : scope.disown(bias));
    }

    long outputs();

    /** {@code x · weightᵀ + bias}, (rows, in) to (rows, out), into columns {@code at …} of a target that lies in order. */
    void apply(Tensor x, Tensor target, long at);

    /** The same as a tensor of its own. */
    default Tensor apply(Tensor x) {
        Tensor result = Tensor.empty(x.dtype(), x.size(0), outputs());
        apply(x, result, 0);
        return result;
    }

    /** Copies columns {@code [from, from + length)} of a matrix to another, from column {@code at} on. Both lie in order. */
    static void copy(Tensor source, long from, Tensor target, long at, long length) {
        long rows = source.size(0);
        if (rows > FEW || source.dtype() != target.dtype()) {
            target.narrow(1, at, length).copyInPlace(source.narrow(1, from, length));
            return;
        }
        int element = source.dtype().bytes();
        ByteBuffer sources = source.bytes(0, Math.toIntExact(source.count() * element));
        ByteBuffer targets = target.bytes(0, Math.toIntExact(target.count() * element));
        for (long row = 0; row < rows; row++) {
            int first = Math.toIntExact(element * (row * source.size(1) + from));
            int place = Math.toIntExact(element * (row * target.size(1) + at));
            targets.put(place, sources, first, Math.toIntExact(element * length));
        }
    }

    @Override
    void close();
}
