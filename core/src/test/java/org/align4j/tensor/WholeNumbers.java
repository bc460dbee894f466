package org.align4j.tensor;

import java.util.SplittableRandom;

/** Small whole numbers, of whose products float32 holds the sums exactly in any order. */
final class WholeNumbers {
    private WholeNumbers() {}

    /** Numbers from −3 to 3. */
    static float[] whole(int count, int seed) {
        float[] values = new float[count];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(7) - 3;
        }
        return values;
    }

    /** {@code x · weightᵀ + bias}: (rows, in) to (rows, out). */
    static float[] product(float[] x, float[] weight, float[] bias, int in) {
        int out = bias.length;
        float[] result = new float[x.length / in * out];
        for (int i = 0; i < result.length; i++) {
            result[i] = bias[i % out];
            for (int j = 0; j < in; j++) {
                result[i] += x[i / out * in + j] * weight[i % out * in + j];
            }
        }
        return result;
    }
}
