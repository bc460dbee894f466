package org.align4j.gguf;

import java.nio.ByteBuffer;

/**
 * The older blocks of ggml, of 32 values each. In a block of 4 or 5 bits byte j holds value j below and value j + 16
 * above. Source: {@code ggml-quants.c}, the functions {@code dequantize_row_*} and {@code quantize_row_*_ref}.
 *
 * <pre>
 * Q4_0  d (F16), 16 bytes                        x = d (q − 8)
 * Q4_1  d, m (F16), 16 bytes                     x = d q + m
 * Q5_0  d (F16), 4 bytes of fifth bits, 16 bytes x = d (q − 16)
 * Q5_1  d, m (F16), 4 bytes, 16 bytes            x = d q + m
 * Q8_0  d (F16), 32 signed bytes                 x = d q
 * </pre>
 */
final class Blocks {
    private static final int SIZE = 32;
    private static final int HALF = 16;
    private static final int F16 = Short.BYTES;

    private Blocks() {}

    static void decodeQ4(ByteBuffer source, int at, float[] target, int to, boolean hasMinimum) {
        float d = half(source, at);
        float m = hasMinimum ? half(source, at + F16) : 0;
        int nibbles = at + (hasMinimum ? 2 * F16 : F16);
        for (int j = 0; j < HALF; j++) {
            int both = source.get(nibbles + j);
            target[to + j] = value(both & 15, d, m, hasMinimum, 8);
            target[to + j + HALF] = value(both >>> 4 & 15, d, m, hasMinimum, 8);
        }
    }

    static void decodeQ5(ByteBuffer source, int at, float[] target, int to, boolean hasMinimum) {
        float d = half(source, at);
        float m = hasMinimum ? half(source, at + F16) : 0;
        int fifths = at + (hasMinimum ? 2 * F16 : F16);
        int high = source.getInt(fifths);
        for (int j = 0; j < HALF; j++) {
            int both = source.get(fifths + Integer.BYTES + j);
            int low = both & 15 | (high >>> j & 1) << 4;
            int upper = both >>> 4 & 15 | (high >>> j + HALF & 1) << 4;
            target[to + j] = value(low, d, m, hasMinimum, 16);
            target[to + j + HALF] = value(upper, d, m, hasMinimum, 16);
        }
    }

    static void decodeQ8(ByteBuffer source, int at, float[] target, int to) {
        float d = half(source, at);
        for (int j = 0; j < SIZE; j++) {
            target[to + j] = d * source.get(at + F16 + j);
        }
    }

    private static float value(int q, float d, float m, boolean hasMinimum, int middle) {
        return hasMinimum ? d * q + m : d * (q - middle);
    }

    /** The value farthest from 0 becomes −8 d, so that it is exact whatever its sign. */
    static void encodeQ4(float[] values, int from, ByteBuffer target) {
        float extreme = 0;
        for (int j = 0; j < SIZE; j++) {
            float value = values[from + j];
            extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
        }
        float d = extreme / -8;
        float inverse = inverse(d);
        target.putShort(Halves.toF16(d));
        for (int j = 0; j < HALF; j++) {
            int low = Math.min(15, (int) (values[from + j] * inverse + 8.5f));
            int high = Math.min(15, (int) (values[from + j + HALF] * inverse + 8.5f));
            target.put((byte) (low | high << 4));
        }
    }

    /** Sixteen steps from the smallest to the largest value. */
    static void encodeQ41(float[] values, int from, ByteBuffer target) {
        float min = values[from];
        float max = values[from];
        for (int j = 1; j < SIZE; j++) {
            min = Math.min(min, values[from + j]);
            max = Math.max(max, values[from + j]);
        }
        float d = (max - min) / 15;
        float inverse = inverse(d);
        target.putShort(Halves.toF16(d)).putShort(Halves.toF16(min));
        for (int j = 0; j < HALF; j++) {
            int low = Math.min(15, (int) ((values[from + j] - min) * inverse + 0.5f));
            int high = Math.min(15, (int) ((values[from + j + HALF] - min) * inverse + 0.5f));
            target.put((byte) (low | high << 4));
        }
    }

    /** The value farthest from 0 becomes ±127; halves are rounded away from 0, as C's {@code roundf} does. */
    static void encodeQ8(float[] values, int from, ByteBuffer target) {
        float largest = 0;
        for (int j = 0; j < SIZE; j++) {
            largest = Math.max(largest, Math.abs(values[from + j]));
        }
        float d = largest / 127;
        float inverse = inverse(d);
        target.putShort(Halves.toF16(d));
        for (int j = 0; j < SIZE; j++) {
            float scaled = values[from + j] * inverse;
            double rounded = Math.floor(Math.abs((double) scaled) + 0.5);
            target.put((byte) (scaled < 0 ? -rounded : rounded));
        }
    }

    private static float inverse(float d) {
        return d == 0 ? 0 : 1 / d;
    }

    private static float half(ByteBuffer source, int at) {
        return Halves.fromF16(source.getShort(at));
    }
}
