package org.align4j.model;

import java.util.stream.IntStream;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * A matrix in four bits a weight: row by row, blocks of 64 weights, each the value of a code times the largest magnitude of its
 * block. Of two weights the first lies in the upper half of a byte. As bitsandbytes does it.
 */
final class FourBitMatrix implements AutoCloseable {
    private static final int BLOCK = 64;
    private static final int CHUNK = BLOCK << 14; // weights that are turned at once: 4 MiB of float32

    /** What bitsandbytes takes for a block of zeros. */
    private static final float SMALLEST_SCALE = 1e-38f;

    private final FourBitType type;
    private final long rows;
    private final long columns;
    final Tensor packed; // bytes, outside all scopes
    final FourBitScales scales;

    private FourBitMatrix(FourBitType type, long rows, long columns, Tensor packed, FourBitScales scales) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.packed = packed;
        this.scales = scales;
    }

    /** Rounds a matrix (rows, columns) of any type. */
    static FourBitMatrix of(Tensor matrix, FourBit form) {
        long count = matrix.count();
        float[] scales = new float[Math.toIntExact((count + BLOCK - 1) / BLOCK)];
        try (StepScope scope = StepScope.open()) {
            Tensor packed = Tensor.empty(Dtype.U8, (count + 1) / 2);
            Tensor flat = matrix.reshape(-1);
            for (long from = 0; from < count; from += CHUNK) {
                try (StepScope chunk = StepScope.open()) {
                    float[] weights =
                            flat.narrow(0, from, Math.min(CHUNK, count - from)).toFloats();
                    byte[] codes = new byte[(weights.length + 1) / 2];
                    for (int at = 0; at < weights.length; at += BLOCK) {
                        scales[(int) ((from + at) / BLOCK)] = encode(form.type(), weights, at, codes);
                    }
                    packed.bytes(from / 2, codes.length).put(codes);
                }
            }
            return new FourBitMatrix(
                    form.type(),
                    matrix.size(0),
                    matrix.size(1),
                    scope.disown(packed),
                    FourBitScales.of(scales, form.nested()));
        }
    }

    private static float encode(FourBitType type, float[] weights, int from, byte[] codes) {
        int to = Math.min(weights.length, from + BLOCK);
        float scale = 0;
        for (int i = from; i < to; i++) {
            scale = Math.max(scale, Math.abs(weights[i]));
        }
        float inverse = 1 / Math.max(scale, SMALLEST_SCALE);
        for (int i = from; i < to; i++) {
            int code = type.code(weights[i] * inverse);
            codes[i / 2] |= (byte) (i % 2 == 0 ? code << 4 : code);
        }
        return scale;
    }

    /** The rounded matrix (rows, columns). */
    Tensor decode(Dtype dtype) {
        long count = rows * columns;
        Tensor matrix = Tensor.empty(Dtype.F32, rows, columns);
        IntStream.range(0, Math.toIntExact((count + CHUNK - 1) / CHUNK))
                .parallel()
                .forEach(chunk -> {
                    long from = (long) chunk * CHUNK;
                    float[] weights = decode(from, (int) Math.min(CHUNK, count - from));
                    matrix.bytes(from * Float.BYTES, weights.length * Float.BYTES)
                            .asFloatBuffer()
                            .put(weights);
                });
        return matrix.to(dtype);
    }

    private float[] decode(long from, int count) {
        byte[] codes = new byte[(count + 1) / 2];
        packed.bytes(from / 2, codes.length).get(codes);
        float[] weights = new float[count];
        float[] values = new float[16]; // of this block
        for (int i = 0; i < count; i++) {
            if (i % BLOCK == 0) {
                float scale = scales.of((int) ((from + i) / BLOCK));
                for (int code = 0; code < values.length; code++) {
                    values[code] = type.value(code) * scale;
                }
            }
            weights[i] = values[codes[i / 2] >>> (i % 2 == 0 ? 4 : 0) & 15];
        }
        return weights;
    }

    @Override
    public void close() {
        packed.close();
    }
}
