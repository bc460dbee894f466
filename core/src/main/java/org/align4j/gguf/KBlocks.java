package org.align4j.gguf;

import java.nio.ByteBuffer;

/**
 * The "K" blocks of ggml: 256 values in groups with scales of their own, which are quantised too. Source:
 * {@code ggml-quants.c}, the functions {@code dequantize_row_q*_K}.
 *
 * <pre>
 * Q4_K  d, dmin (F16), 12 bytes of scales, 128 bytes              8 groups of 32: x = d·scale q − dmin·min
 * Q5_K  d, dmin (F16), 12 bytes of scales, 32 of fifth bits, 128  the same
 * Q6_K  128 bytes of low bits, 64 of high bits, 16 scales, d      16 groups of 16: x = d·scale (q − 32)
 * </pre>
 */
final class KBlocks {
    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int F16 = Short.BYTES;
    private static final int SCALES = 12;

    private KBlocks() {}

    static void decodeQ4(ByteBuffer source, int at, float[] target, int to) {
        decode(source, at, -1, at + 2 * F16 + SCALES, target, to);
    }

    static void decodeQ5(ByteBuffer source, int at, float[] target, int to) {
        int fifths = at + 2 * F16 + SCALES;
        decode(source, at, fifths, fifths + GROUP, target, to);
    }

    /**
     * Two groups share 32 bytes: the lower halves of the bytes are the first, the upper halves the second.
     *
     * @param fifths where the fifth bits lie, bit g of byte j being that of value j of group g; −1 without
     */
    private static void decode(ByteBuffer source, int at, int fifths, int nibbles, float[] target, int to) {
        float d = Halves.fromF16(source.getShort(at));
        float dmin = Halves.fromF16(source.getShort(at + F16));
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = d * scale(source, at + 2 * F16, group);
            float minimum = dmin * minimum(source, at + 2 * F16, group);
            int bytes = nibbles + group / 2 * GROUP;
            int shift = group % 2 * 4;
            for (int j = 0; j < GROUP; j++) {
                int q = source.get(bytes + j) >>> shift & 15;
                if (fifths >= 0) {
                    q |= (source.get(fifths + j) >>> group & 1) << 4;
                }
                target[to + group * GROUP + j] = scale * q - minimum;
            }
        }
    }

    /** Six bits. Those of groups 4 to 7 are split: four in bytes 8 to 11, two above the scales of groups 0 to 3. */
    private static int scale(ByteBuffer source, int at, int group) {
        if (group < 4) {
            return source.get(at + group) & 63;
        }
        return source.get(at + group + 4) & 15 | (source.get(at + group - 4) >>> 6 & 3) << 4;
    }

    private static int minimum(ByteBuffer source, int at, int group) {
        if (group < 4) {
            return source.get(at + group + 4) & 63;
        }
        return source.get(at + group + 4) >>> 4 & 15 | (source.get(at + group) >>> 6 & 3) << 4;
    }

    /** Each half of the block, of 128 values: four runs of 32, two of them in the lower and two in the upper halves of 64 bytes. */
    static void decodeQ6(ByteBuffer source, int at, float[] target, int to) {
        int scales = at + SIZE / 2 + SIZE / 4;
        float d = Halves.fromF16(source.getShort(scales + SIZE / 16));
        for (int half = 0; half < 2; half++) {
            int low = at + half * SIZE / 4;
            int high = at + SIZE / 2 + half * SIZE / 8;
            for (int run = 0; run < 4; run++) {
                for (int j = 0; j < GROUP; j++) {
                    int four = source.get(low + run % 2 * GROUP + j) >>> run / 2 * 4 & 15;
                    int two = source.get(high + j) >>> 2 * run & 3;
                    int index = half * SIZE / 2 + run * GROUP + j;
                    float scale = d * source.get(scales + index / 16);
                    target[to + index] = scale * ((four | two << 4) - 32);
                }
            }
        }
    }
}
