package org.align4j.gguf;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * How a GGUF file stores numbers: one by one, or in blocks that share a scale. The constants' names and numbers are
 * ggml's ({@code enum ggml_type}). Blocks are of one row of a tensor and little-endian.
 */
public enum GgufType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    BF16(30, 1, 2);

    /** Types that files in the wild have and nothing here reads. */
    private static final Map<Long, String> OTHERS = Map.ofEntries(
            Map.entry(9L, "Q8_1"),
            Map.entry(10L, "Q2_K"),
            Map.entry(11L, "Q3_K"),
            Map.entry(15L, "Q8_K"),
            Map.entry(16L, "IQ2_XXS"),
            Map.entry(17L, "IQ2_XS"),
            Map.entry(18L, "IQ3_XXS"),
            Map.entry(19L, "IQ1_S"),
            Map.entry(20L, "IQ4_NL"),
            Map.entry(21L, "IQ3_S"),
            Map.entry(22L, "IQ2_S"),
            Map.entry(23L, "IQ4_XS"),
            Map.entry(24L, "I8"),
            Map.entry(25L, "I16"),
            Map.entry(26L, "I32"),
            Map.entry(27L, "I64"),
            Map.entry(28L, "F64"),
            Map.entry(29L, "IQ1_M"),
            Map.entry(34L, "TQ1_0"),
            Map.entry(35L, "TQ2_0"),
            Map.entry(39L, "MXFP4"));

    private final int number;
    private final int blockSize;
    private final int blockBytes;

    GgufType(int number, int blockSize, int blockBytes) {
        this.number = number;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    static Optional<GgufType> of(long number) {
        for (GgufType type : values()) {
            if (type.number == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The name of a type that {@link #of} does not know. */
    static String nameOf(long number) {
        return OTHERS.getOrDefault(number, "number " + Long.toUnsignedString(number));
    }

    int number() {
        return number;
    }

    /** How many values one block holds; 1 for plain floats. */
    public int blockSize() {
        return blockSize;
    }

    /** Size of a block in bytes. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether values share a scale. */
    public boolean isQuantised() {
        return blockSize > 1;
    }

    /**
     * Size of so many values in bytes.
     *
     * @param count a multiple of the block size
     * @throws ArithmeticException if it exceeds a long
     */
    public long bytes(long count) {
        return Math.multiplyExact(count / blockSize, blockBytes);
    }

    /**
     * Reads whole blocks.
     *
     * @param source little-endian; read from its position, which stays, by absolute access
     * @param target filled; a multiple of the block size
     */
    public void decode(ByteBuffer source, float[] target) {
        int at = source.position();
        for (int i = 0; i < target.length; i += blockSize) {
            switch (this) {
                case F32 -> target[i] = source.getFloat(at);
                case F16 -> target[i] = Halves.fromF16(source.getShort(at));
                case BF16 -> target[i] = Halves.fromBf16(source.getShort(at));
                case Q4_0 -> Blocks.decodeQ4(source, at, target, i, false);
                case Q4_1 -> Blocks.decodeQ4(source, at, target, i, true);
                case Q5_0 -> Blocks.decodeQ5(source, at, target, i, false);
                case Q5_1 -> Blocks.decodeQ5(source, at, target, i, true);
                case Q8_0 -> Blocks.decodeQ8(source, at, target, i);
                case Q4_K -> KBlocks.decodeQ4(source, at, target, i);
                case Q5_K -> KBlocks.decodeQ5(source, at, target, i);
                case Q6_K -> KBlocks.decodeQ6(source, at, target, i);
            }
            at += blockBytes;
        }
    }

    /**
     * Writes whole blocks, quantised as ggml's reference quantiser does it: Q4_0, Q4_1, Q8_0 and the plain floats.
     *
     * @param values finite; a multiple of the block size
     * @param target little-endian; written from its position on
     * @throws IllegalArgumentException for the other types
     */
    public void encode(float[] values, ByteBuffer target) {
        for (int i = 0; i < values.length; i += blockSize) {
            switch (this) {
                case F32 -> target.putFloat(values[i]);
                case F16 -> target.putShort(Halves.toF16(values[i]));
                case BF16 -> target.putShort(Halves.toBf16(values[i]));
                case Q4_0 -> Blocks.encodeQ4(values, i, target);
                case Q4_1 -> Blocks.encodeQ41(values, i, target);
                case Q8_0 -> Blocks.encodeQ8(values, i, target);
                default -> throw new IllegalArgumentException(this + " is only read");
            }
        }
    }
}
