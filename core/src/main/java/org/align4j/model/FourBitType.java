package org.align4j.model;

/**
 * The sixteen values between −1 and 1 that four bits stand for. A value's code is its rank here; bitsandbytes numbers those of
 * fp4 otherwise, which no result depends on.
 */
public enum FourBitType {
    /** Quantiles of the normal distribution, and 0 (Dettmers et al. 2023). */
    NF4(
            -1.0f,
            -0.6961928009986877f,
            -0.5250730514526367f,
            -0.39491748809814453f,
            -0.28444138169288635f,
            -0.18477343022823334f,
            -0.09105003625154495f,
            0.0f,
            0.07958029955625534f,
            0.16093020141124725f,
            0.24611230194568634f,
            0.33791524171829224f,
            0.44070982933044434f,
            0.5626170039176941f,
            0.7229568362236023f,
            1.0f),

    /** Floating point of a sign, two bits of exponent and one of fraction, as in bitsandbytes. */
    FP4(
            -1, -2 / 3f, -0.5f, -1 / 3f, -0.25f, -1 / 6f, -1 / 192f, 0, 0, 1 / 192f, 1 / 6f, 0.25f, 1 / 3f, 0.5f,
            2 / 3f, 1);

    private final float[] values;
    private final float[] bounds = new float[15]; // halfway between neighbours

    FourBitType(float... values) {
        this.values = values;
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = (values[i] + values[i + 1]) / 2;
        }
    }

    float value(int code) {
        return values[code];
    }

    /** The code of the nearest value; halfway, of the lower one. */
    int code(float x) {
        int code = 0;
        for (int step = 8; step > 0; step /= 2) {
            if (x > bounds[code + step - 1]) {
                code += step;
            }
        }
        return code;
    }
}
