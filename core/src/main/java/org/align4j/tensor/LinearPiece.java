package org.align4j.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * A linear layer, or a part of one, as one thread computes it without gradients. A packed one is a copy in the order in
 * which oneDNN's kernels read, which else they make for every product.
 */
final class LinearPiece implements AutoCloseable {
    /** Outputs and inputs of a piece come in multiples of this many, which is how kernels take them. */
    static final int BLOCK = 16;

    /** The order is made for this many rows; it serves fewer and more as well. */
    private static final int ROWS = 64;

    private final Tensor weight;
    private final Tensor bias; // may be null
    private final boolean packed;

    private LinearPiece(Tensor weight, Tensor bias, boolean packed) {
        this.weight = weight;
        this.bias = bias;
        this.packed = packed;
    }

    /**
     * A piece that lives until it is closed.
     *
     * @param scope the innermost, where weight and bias were made
     * @param weight (out, in)
     * @param bias (out) or null
     */
    static LinearPiece of(StepScope scope, Tensor weight, Tensor bias, boolean packed) {
        Tensor own = packed ? Ops.call(Ops.PACK, new IValue(weight.handle), new IValue((long) ROWS)) : weight;
        return new LinearPiece(scope.disown(own), bias == null ? null : scope.disown(bias), packed);
    }

    /** {@code x · weightᵀ + bias}: (rows, in) to (rows, out). */
    Tensor apply(Tensor x) {
        if (!packed) {
            return x.linear(weight, bias);
        }
        return Ops.call(
                Ops.LINEAR,
                new IValue(x.handle),
                new IValue(weight.handle),
                bias == null ? Ops.NONE : new IValue(bias.handle),
                Ops.NO_FUNCTION,
                Ops.NO_SCALARS,
                Ops.NONE);
    }

    @Override
    public void close() {
        weight.close();
        if (bias != null) {
            bias.close();
        }
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
}
