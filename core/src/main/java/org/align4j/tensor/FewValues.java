package org.align4j.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Operations on few values of float32, as loops in Java that the threads of a {@link Crew} share. When a token is sampled,
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

    private FewValues() {}

    /** Whether x is such and lies in order, and this thread has a crew, with which it samples and records no gradients. */
    public static boolean pays(Tensor x) {
        return Crew.here() != null && x.count() <= MOST && x.dtype() == Dtype.F32 && x.handle.is_contiguous();
    }

    private static void share(int rows, long values, Crew.Range range) {
        Crew.here().share(rows, values / WORTH_A_PART, range);
    }

    private static FloatPointer pointer(Tensor x) {
        return new FloatPointer(x.handle.data_ptr());
    }

    /** Values of a tensor, in this thread's scratch array or in their own. */
    private static float[] read(FloatPointer values, int from, int count, boolean scratch) {
        float[] result = scratch ? SCRATCH.get() : new float[count];
        if (result.length < count) {
            result = new float[count];
            SCRATCH.set(result);
        }
        values.position(from).get(result, 0, count);
        return result;
    }

    /** x / √(mean(x²) + ε) · weight over the last dimension. */
    public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
        int width = (int) weight.count();
        int all = (int) x.count();
        Tensor result = Tensor.empty(Dtype.F32, x.shape());
        share(all / width, all, (first, rows) -> {
            float[] gains = read(pointer(weight), 0, width, false);
            float[] values = read(pointer(x), first * width, rows * width, true);
            for (int from = 0; from < rows * width; from += width) {
                float factor = (float) (1 / Math.sqrt(sumOfSquares(values, from, width) / width + epsilon));
                for (int i = 0; i < width; i++) {
                    values[from + i] = values[from + i] * factor * gains[i];
                }
            }
            pointer(result).position((long) first * width).put(values, 0, rows * width);
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
     * @param x (tokens, heads, width)
     * @param cos (tokens, 1, pairs), as is sin
     */
    public static Tensor rotated(Tensor x, Tensor cos, Tensor sin) {
        int heads = (int) x.size(1);
        int width = (int) x.size(2);
        int pairs = (int) cos.size(2);
        int ofToken = heads * width;
        Tensor result = Tensor.empty(Dtype.F32, x.shape());
        share((int) x.size(0), x.count(), (token, tokens) -> {
            float[] cosines = read(pointer(cos), token * pairs, tokens * pairs, false);
            float[] sines = read(pointer(sin), token * pairs, tokens * pairs, false);
            float[] values = read(pointer(x), token * ofToken, tokens * ofToken, true);
            for (int head = 0; head < tokens * heads; head++) {
                int angle = head / heads * pairs;
                int first = head * width;
                int second = first + pairs;
                for (int i = 0; i < pairs; i++) {
                    float a = values[first + i];
                    float b = values[second + i];
                    values[first + i] = a * cosines[angle + i] - b * sines[angle + i];
                    values[second + i] = b * cosines[angle + i] + a * sines[angle + i];
                }
            }
            pointer(result).position((long) token * ofToken).put(values, 0, tokens * ofToken);
        });
        return result;
    }

    /**
     * Copies row i of {@code source}, of any type, over row {@code places[i]} of {@code target}. Both lie in order.
     *
     * @param source (…, width), as many rows as there are places
     * @param target (…, width)
     */
    public static void copyRows(Tensor source, Tensor target, long[] places) {
        long bytes = source.count() / places.length * source.dtype().bytes();
        share(places.length, source.count(), (first, rows) -> {
            BytePointer from = new BytePointer(source.handle.data_ptr());
            BytePointer to = new BytePointer(target.handle.data_ptr());
            for (int i = first; i < first + rows; i++) {
                Pointer.memcpy(to.position(places[i] * bytes), from.position(i * bytes), bytes);
            }
        });
    }
}
