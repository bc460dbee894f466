package org.align4j.gguf;

/** The two 16-bit floats as bits: F16 is IEEE 754 binary16, BF16 the upper half of a float32. */
public final class Halves {
    private static final float SMALLEST_HALF = 0x1p-24f;
    private static final float SMALLEST_NORMAL_HALF = 0x1p-14f;
    private static final float BEYOND_HALF = 65520; // the first that rounds to infinity
    private static final int QUIET_BIT = 0x0040;

    private Halves() {}

    /** Exact. */
    public static float fromF16(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >>> 10 & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * SMALLEST_HALF;
            return sign == 0 ? magnitude : -magnitude;
        }
        // The two formats differ in the bias of the exponent, 15 and 127; all ones mean infinity or NaN in both.
        int wideExponent = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | wideExponent << 23 | fraction << 13);
    }

    /** The nearest, ties to the even one; too large becomes infinite; NaN stays NaN. */
    public static short toF16(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= BEYOND_HALF) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < SMALLEST_NORMAL_HALF) {
            return (short) (sign | (int) Math.rint(magnitude / SMALLEST_HALF)); // a division by a power of two is exact
        }
        int bits = Float.floatToRawIntBits(magnitude);
        int lastKeptBit = bits >>> 13 & 1;
        return (short) (sign | (bits + 0xfff + lastKeptBit >>> 13) - (127 - 15 << 10));
    }

    /** Exact. */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest, ties to the even one; NaN stays NaN with its sign and the upper bits of its payload. */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // Cutting the fraction could leave zero, which would read as infinity.
            return (short) (bits >>> 16 | QUIET_BIT);
        }
        int lastKeptBit = bits >>> 16 & 1;
        return (short) (bits + 0x7fff + lastKeptBit >>> 16);
    }
}
