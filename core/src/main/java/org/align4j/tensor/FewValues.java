package org.align4j.tensor;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * Operations on few values of float32 or bf16, as loops in Java that the threads of a {@link Crew} share. When a token is sampled,
 * all weights pass through the processor's caches, so that libtorch's code must be fetched anew for every small operation,
 * which then takes ten times as long as its arithmetic: one loop stands for many of them. Sums round otherwise than
 * libtorch's do, so these are for sampling alone: a trained model and its reference must agree to the last bit.
 */
public final class FewValues {
    private static final int MOST = 1 << 17;
    /** Values from which a thread more pays. */
    private static final int WORTH_A_PART = 1 << 13;
    /** Of each thread, used again and again: new arrays are not in any cache. */
    private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[0]);

    private static final ThreadLocal<short[]> SHORTS = ThreadLocal.withInitial(() -> new short[0]);

    private FewValues() {}

    /** Whether x is such and lies in order, and this thread has a crew, with which it samples and records no gradients. */
    public static boolean pays(Tensor x) {
        return Crew.here() != null && x.count() <= MOST && isRead(x.dtype()) && x.handle.is_contiguous();
    }

    private static boolean isRead(Dtype dtype) {
        return dtype == Dtype.F32 || dtype == Dtype.BF16;
    }

    private static void share(int rows, long values, Crew.Range range) {
        Crew.here().share(rows, values / WORTH_A_PART, range);
    }

    /** Values of a tensor, in this thread's scratch array or in their own. */
    static float[] read(Tensor x, long from, int count, boolean scratch) {
        float[] result = scratch ? SCRATCH.get() : new float[count];
        if (result.length < count) {
            result = new float[count];
            SCRATCH.set(result);
        }
        if (x.dtype() == Dtype.F32) {
            new FloatPointer(x.handle.data_ptr()).position(from).get(result, 0, count);
            return result;
        }
        short[] rounded = shorts(count);
        new ShortPointer(x.handle.data_ptr()).position(from).get(rounded, 0, count);
        for (int i = 0; i < count; i++) {
            result[i] = Float.intBitsToFloat(rounded[i] << 16);
        }
        return result;
    }

    /** Values that go to a tensor from {@code to} on, rounded as it is. */
    static void write(float[] values, int count, Tensor x, long to) {
        if (x.dtype() == Dtype.F32) {
            new FloatPointer(x.handle.data_ptr()).position(to).put(values, 0, count);
            return;
        }
        short[] rounded = shorts(count);
        for (int i = 0; i < count; i++) {
            rounded[i] = (short) (Float.floatToRawIntBits(rounded(values[i])) >>> 16);
        }
        new ShortPointer(x.handle.data_ptr()).position(to).put(rounded, 0, count);
    }

    private static short[] shorts(int count) {
        short[] result = SHORTS.get();
        if (result.length < count) {
            result = new short[count];
            SHORTS.set(result);
        }
        return result;
    }

    /** The nearest value of bf16, the even one of two: the upper half of the bits. */
    private static float rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        int up = Float.isNaN(value) ? 0 : 0x7fff + (bits >>> 16 & 1);
        return Float.intBitsToFloat(bits + up & 0xffff0000);
    }

    /**
     * x / √(mean(x²) + ε) · weight over the last dimension, in x's type.
     *
     * @param roundsTwice whether what is normed is rounded before it is multiplied
     */
    public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon, boolean roundsTwice) {
        int width = (int) weight.count();
        int all = (int) x.count();
        boolean rounds = roundsTwice && x.dtype() == Dtype.BF16;
        Tensor result = Tensor.empty(x.dtype(), x.shape());
        share(all / width, all, (first, rows) -> {
            float[] gains = read(weight, 0, width, false);
            float[] values = read(x, first * width, rows * width, true);
            for (int from = 0; from < rows * width; from += width) {
                float factor = (float) (1 / Math.sqrt(sumOfSquares(values, from, width) / width + epsilon));
                for (int i = 0; i < width; i++) {
                    float normed = values[from + i] * factor;
                    values[from + i] = (rounds ? rounded(normed) : normed) * gains[i];
                }
            }
            write(values, rows * width, result, (long) first * width);
        });
        return result;
    }

    /** As four sums: an addition need not wait for the one before. */
    private static double sumOfSquares(float[] values, int from, int length) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < from + length; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < from + length; i++) {
            a += (double) values[i] * values[i];
        }
        return a + b + c + d;
    }

    /**
     * Turns pairs of dimensions, i and i + pairs: (first · cos − second · sin, second · cos + first · sin). Dimensions
     * after these stay.
     *
     * @param cos (tokens, 1, pairs), as is sin
     * @param xs each (tokens, heads, width)
     * @return the same, turned
     */
    public static Tensor[] rotated(Tensor cos, Tensor sin, Tensor... xs) {
        int pairs = (int) cos.size(2);
        Tensor[] results = new Tensor[xs.length];
        long values = 0;
        for (int i = 0; i < xs.length; i++) {
            results[i] = Tensor.empty(xs[i].dtype(), xs[i].shape());
            values += xs[i].count();
        }
        share((int) cos.size(0), values, (token, tokens) -> {
            float[] cosines = read(cos, (long) token * pairs, tokens * pairs, false);
            float[] sines = read(sin, (long) token * pairs, tokens * pairs, false);
            for (int i = 0; i < xs.length; i++) {
                rotate(xs[i], results[i], token, tokens, cosines, sines, pairs);
            }
        });
        return results;
    }

    private static void rotate(
            Tensor x, Tensor result, int token, int tokens, float[] cosines, float[] sines, int pairs) {
        int heads = (int) x.size(1);
        int width = (int) x.size(2);
        int count = tokens * heads * width;
        long from = (long) token * heads * width;
        boolean rounds = x.dtype() == Dtype.BF16;
        float[] values = read(x, from, count, true);
        for (int head = 0; head < tokens * heads; head++) {
            if (rounds) {
                turnRounded(values, head * width, pairs, cosines, sines, head / heads * pairs);
            } else {
                turn(values, head * width, pairs, cosines, sines, head / heads * pairs);
            }
        }
        write(values, count, result, from);
    }

    private static void turn(float[] values, int first, int pairs, float[] cosines, float[] sines, int angle) {
        int second = first + pairs;
        for (int i = 0; i < pairs; i++) {
            float a = values[first + i];
            float b = values[second + i];
            values[first + i] = a * cosines[angle + i] - b * sines[angle + i];
            values[second + i] = b * cosines[angle + i] + a * sines[angle + i];
        }
    }

    /** The same with products that are rounded before they are added, as in a type's own arithmetic. */
    private static void turnRounded(float[] values, int first, int pairs, float[] cosines, float[] sines, int angle) {
        int second = first + pairs;
        for (int i = 0; i < pairs; i++) {
            float a = values[first + i];
            float b = values[second + i];
            values[first + i] = rounded(a * cosines[angle + i]) - rounded(b * sines[angle + i]);
            values[second + i] = rounded(b * cosines[angle + i]) + rounded(a * sines[angle + i]);
        }
    }

    /** Values of a tensor that lies in order, from {@code from} on, in a shape and in float32. */
    public static Tensor wide(Tensor x, long from, long... shape) {
        Tensor result = Tensor.empty(Dtype.F32, shape);
        int count = Math.toIntExact(result.count());
        write(read(x, from, count, true), count, result, 0);
        return result;
    }

    /** Puts all values of {@code source} over those of {@code target} from {@code to} on. Both lie in order. */
    public static void put(Tensor source, Tensor target, long to) {
        int count = Math.toIntExact(source.count());
        write(read(source, 0, count, true), count, target, to);
    }

    /**
     * Copies row i of {@code source} over row {@code places[i]} of {@code target}, of float32, for {@code count} rows
     * from {@code from} on. Both lie in order.
     *
     * @param width of a row
     */
    public static void copyRows(Tensor source, int from, int count, int width, Tensor target, long[] places) {
        float[] values = read(source, (long) from * width, count * width, true);
        FloatPointer to = new FloatPointer(target.handle.data_ptr());
        for (int i = 0; i < count; i++) {
            to.position(places[from + i] * width).put(values, i * width, width);
        }
    }
}
