package org.align4j.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A libtorch tensor, with the operations that align4j uses and no more. Its memory belongs to the innermost open
 * {@link StepScope}. Names, shapes and broadcasting are PyTorch's. Methods ending in {@code InPlace} change this tensor
 * and return it.
 */
public final class Tensor implements AutoCloseable {
    final org.bytedeco.pytorch.Tensor handle;

    Tensor(org.bytedeco.pytorch.Tensor handle) {
        this.handle = handle;
    }

    // ---- making ----

    public static Tensor empty(Dtype dtype, long... shape) {
        Libtorch.load();
        return new Tensor(torch.empty(shape, new TensorOptions(dtype.scalarType), null));
    }

    public static Tensor zeros(Dtype dtype, long... shape) {
        Libtorch.load();
        return new Tensor(torch.zeros(shape, new TensorOptions(dtype.scalarType)));
    }

    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(Dtype.F32, shape);
        checkCount(values.length, tensor, shape);
        new FloatPointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(Dtype.F64, shape);
        checkCount(values.length, tensor, shape);
        new DoublePointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(Dtype.I64, shape);
        checkCount(values.length, tensor, shape);
        new LongPointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    /** A vector of ids or positions, as 64-bit integers. */
    public static Tensor of(int[] values) {
        return of(Arrays.stream(values).asLongStream().toArray(), values.length);
    }

    /** A tensor of the elements that lie, little-endian, in these buffers one after the other. */
    public static Tensor ofBytes(Dtype dtype, List<ByteBuffer> chunks, long... shape) {
        Tensor tensor = empty(dtype, shape);
        long at = 0;
        for (ByteBuffer chunk : chunks) {
            tensor.bytes(at, chunk.remaining()).put(chunk.duplicate());
            at += chunk.remaining();
        }
        checkCount(at / dtype.bytes(), tensor, shape);
        return tensor;
    }

    private static void checkCount(long got, Tensor tensor, long[] shape) {
        if (got != tensor.count()) {
            throw new IllegalArgumentException(got + " values do not fill shape " + Arrays.toString(shape));
        }
    }

    // ---- reading ----

    public long[] shape() {
        long[] shape = new long[Math.toIntExact(handle.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = handle.size(i);
        }
        return shape;
    }

    public long size(int dimension) {
        return handle.size(dimension);
    }

    /** Number of elements. */
    public long count() {
        return handle.numel();
    }

    public Dtype dtype() {
        return Dtype.of(handle.scalar_type());
    }

    public float[] toFloats() {
        try (StepScope scope = StepScope.open()) {
            float[] values = new float[Math.toIntExact(count())];
            new FloatPointer(inOrder(torch.ScalarType.Float).data_ptr()).get(values);
            return values;
        }
    }

    public long[] toLongs() {
        try (StepScope scope = StepScope.open()) {
            long[] values = new long[Math.toIntExact(count())];
            new LongPointer(inOrder(torch.ScalarType.Long).data_ptr()).get(values);
            return values;
        }
    }

    private org.bytedeco.pytorch.Tensor inOrder(torch.ScalarType type) {
        return handle.detach().to(type).contiguous();
    }

    /** The value of a tensor of one element. */
    public double item() {
        return handle.item_double();
    }

    /** Bytes {@code [from, from + length)} of this contiguous tensor's own memory, in the order of the machine. */
    public ByteBuffer bytes(long from, int length) {
        if (!handle.is_contiguous()) {
            throw new IllegalStateException("only a contiguous tensor has its bytes in order");
        }
        return new BytePointer(handle.data_ptr())
                .position(from)
                .limit(from + length)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        handle.close();
    }

    // ---- autograd ----

    public Tensor detach() {
        return new Tensor(handle.detach());
    }

    /** Makes this leaf collect a gradient. */
    public Tensor requireGrad() {
        handle.set_requires_grad(true);
        return this;
    }

    /** Gives this leaf the memory in which its gradient is summed. */
    public void setGrad(Tensor gradient) {
        handle.mutable_grad().put(gradient.handle);
    }

    /** Backward from any tensor, given the gradient of the loss with respect to it. */
    public void backward(Tensor gradient) {
        handle.backward(gradient.handle, new BoolOptional(), false, new TensorArrayRefOptional());
    }

    // ---- shape ----

    public Tensor reshape(long... shape) {
        return new Tensor(handle.reshape(shape));
    }

    public Tensor transpose(int a, int b) {
        return new Tensor(handle.transpose(a, b));
    }

    public Tensor permute(long... dimensions) {
        return new Tensor(handle.permute(dimensions));
    }

    public Tensor narrow(int dimension, long start, long length) {
        return new Tensor(handle.narrow(dimension, start, length));
    }

    /** The elements of this tensor's own memory from {@code first} on, in steps of these strides, in this shape. */
    public Tensor strided(long first, long[] shape, long[] strides) {
        return new Tensor(handle.as_strided(shape, strides, new LongOptional(handle.storage_offset() + first)));
    }

    public Tensor contiguous() {
        return new Tensor(handle.contiguous());
    }

    public Tensor expand(long... shape) {
        return new Tensor(handle.expand(shape));
    }

    /** Moves elements {@code shift} places on along a dimension; those that leave at its end come in at its beginning. */
    public Tensor roll(long shift, int dimension) {
        return new Tensor(handle.roll(new long[] {shift}, new long[] {dimension}));
    }

    /** Cuts along a dimension into pieces of the given sizes; one backward step for all of them. */
    public Tensor[] split(long[] sizes, int dimension) {
        TensorVector pieces = handle.split_with_sizes(sizes, dimension);
        Tensor[] result = new Tensor[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            result[i] = new Tensor(pieces.get(i));
        }
        return result;
    }

    public static Tensor cat(List<Tensor> parts, int dimension) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        TensorVector vector = new TensorVector(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            vector.put(i, parts.get(i).handle);
        }
        return new Tensor(torch.cat(vector, dimension));
    }

    public Tensor to(Dtype dtype) {
        return new Tensor(handle.to(dtype.scalarType));
    }

    // ---- picking ----

    public Tensor indexSelect(int dimension, Tensor index) {
        return new Tensor(handle.index_select(dimension, index.handle));
    }

    /** Rows of an embedding table: table (rows, width), this (n) of ids; gives (n, width). */
    public static Tensor embedding(Tensor table, Tensor ids) {
        return new Tensor(torch.embedding(table.handle, ids.handle));
    }

    public Tensor gather(int dimension, Tensor index) {
        return new Tensor(handle.gather(dimension, index.handle));
    }

    public Tensor scatterAddInPlace(int dimension, Tensor index, Tensor source) {
        handle.scatter_add_(dimension, index.handle, source.handle);
        return this;
    }

    /** A copy where {@code copy[i][index[i][j]] = source[i][j]}, along dimension 1. */
    public Tensor scatter(int dimension, Tensor index, Tensor source) {
        return new Tensor(handle.scatter(dimension, index.handle, source.handle));
    }

    /** {@code this[index[i]] += source[i]} along a dimension. */
    public Tensor indexAddInPlace(int dimension, Tensor index, Tensor source) {
        handle.index_add_(dimension, index.handle, source.handle);
        return this;
    }

    public Tensor argmax(int dimension) {
        return new Tensor(handle.argmax(new LongOptional(dimension), false));
    }

    /** The largest element of each row of a matrix, (rows, 1). */
    public Tensor maxOfRows() {
        return new Tensor(handle.amax(new long[] {-1}, true));
    }

    /** log Σ exp over the last dimension, without it. */
    public Tensor logSumExp() {
        return new Tensor(handle.logsumexp(-1));
    }

    // ---- arithmetic ----

    public Tensor add(Tensor other) {
        return new Tensor(handle.add(other.handle));
    }

    public Tensor add(double other) {
        return new Tensor(handle.add(new Scalar(other)));
    }

    public Tensor addInPlace(double other) {
        handle.add_(new Scalar(other));
        return this;
    }

    public Tensor addInPlace(Tensor other) {
        handle.add_(other.handle);
        return this;
    }

    public Tensor sub(Tensor other) {
        return new Tensor(handle.sub(other.handle));
    }

    public Tensor mul(Tensor other) {
        return new Tensor(handle.mul(other.handle));
    }

    public Tensor mul(double other) {
        return new Tensor(handle.mul(new Scalar(other)));
    }

    public Tensor mulInPlace(Tensor other) {
        handle.mul_(other.handle);
        return this;
    }

    public Tensor mulInPlace(double other) {
        handle.mul_(new Scalar(other));
        return this;
    }

    public Tensor div(Tensor other) {
        return new Tensor(handle.div(other.handle));
    }

    public Tensor neg() {
        return new Tensor(handle.neg());
    }

    public Tensor square() {
        return new Tensor(handle.square());
    }

    public Tensor rsqrtInPlace() {
        handle.rsqrt_();
        return this;
    }

    public Tensor exp() {
        return new Tensor(handle.exp());
    }

    public Tensor log() {
        return new Tensor(handle.log());
    }

    public Tensor expInPlace() {
        handle.exp_();
        return this;
    }

    public Tensor cos() {
        return new Tensor(handle.cos());
    }

    public Tensor sin() {
        return new Tensor(handle.sin());
    }

    public Tensor tanh() {
        return new Tensor(handle.tanh());
    }

    public Tensor sum(int dimension) {
        return new Tensor(handle.sum(dimension));
    }

    /** Mean over the last dimension, which stays as a dimension of size 1. */
    public Tensor meanOfRows() {
        return new Tensor(handle.mean(new long[] {-1}, true, new ScalarTypeOptional()));
    }

    /** The Euclidean norm over the last dimension, which goes. Squares are added in float32: not for millions of them. */
    public Tensor normOfRows() {
        return new Tensor(handle.norm(new ScalarOptional(new Scalar(2)), new long[] {-1}, false));
    }

    public Tensor copyInPlace(Tensor source) {
        handle.copy_(source.handle);
        return this;
    }

    public Tensor zeroInPlace() {
        handle.zero_();
        return this;
    }

    // ---- networks ----

    public Tensor matmul(Tensor other) {
        return new Tensor(handle.matmul(other.handle));
    }

    /** {@code this += a · b}, matrices. */
    public Tensor addMatmulInPlace(Tensor a, Tensor b) {
        handle.addmm_(a.handle, b.handle);
        return this;
    }

    /** {@code bias + a · b}, matrices; bias broadcasts over rows. */
    public static Tensor addMatmul(Tensor bias, Tensor a, Tensor b) {
        return new Tensor(torch.addmm(bias.handle, a.handle, b.handle));
    }

    /** {@code this · weightᵀ + bias}: weight (out, in); bias (out) or null. */
    public Tensor linear(Tensor weight, Tensor bias) {
        if (!GradMode.is_enabled() && FewRows.pays(this, weight)) {
            return FewRows.linear(this, weight, bias);
        }
        return new Tensor(
                bias == null
                        ? torch.linear(handle, weight.handle)
                        : torch.linear(handle, weight.handle, new TensorOptional(bias.handle)));
    }

    /** x / √(mean(x²) + ε) · weight over the last dimension. */
    public Tensor rmsNorm(Tensor weight, double epsilon) {
        return new Tensor(torch.rms_norm(
                handle, new long[] {size(-1)}, new TensorOptional(weight.handle), new DoubleOptional(epsilon)));
    }

    public Tensor silu() {
        return new Tensor(torch.silu(handle));
    }

    public Tensor relu() {
        return new Tensor(torch.relu(handle));
    }

    /** Gaussian error linear unit, exact. */
    public Tensor gelu() {
        return new Tensor(torch.gelu(handle, "none"));
    }

    /** Gaussian error linear unit, tanh approximation: "gelu_new" and "gelu_pytorch_tanh" of Hugging Face. */
    public Tensor geluTanh() {
        return new Tensor(torch.gelu(handle, "tanh"));
    }

    public Tensor layerNorm(Tensor weight, Tensor bias, double epsilon) {
        return new Tensor(torch.layer_norm(
                handle,
                new long[] {handle.size(-1)},
                new TensorOptional(weight.handle),
                new TensorOptional(bias.handle),
                epsilon,
                true));
    }

    /** cap · tanh(this / cap): bounded by cap, close to the identity where small. An infinite cap changes nothing. */
    public Tensor softCap(double cap) {
        return Double.isInfinite(cap) ? this : mul(1 / cap).tanh().mul(cap);
    }

    /** Softmax over the last dimension. */
    public Tensor softmax() {
        return new Tensor(torch.softmax(handle, -1));
    }

    /** Log-softmax over the last dimension. */
    public Tensor logSoftmax() {
        return new Tensor(torch.log_softmax(handle, -1));
    }

    /**
     * softmax(this · keysᵀ · scale + mask) · values without storing the scores.
     *
     * @param keys (batch, heads, keys, width), as are the values
     * @param mask broadcasts to (batch, heads, queries, keys): 0 where visible, −∞ where not
     * @return (batch, heads, queries, width)
     */
    public Tensor attention(Tensor keys, Tensor values, Tensor mask, double scale) {
        return new Tensor(torch.scaled_dot_product_attention(
                handle,
                keys.handle,
                values.handle,
                new TensorOptional(mask.handle),
                0.0,
                false,
                new DoubleOptional(scale),
                false));
    }

    @Override
    public String toString() {
        return dtype() + Arrays.toString(shape());
    }
}
