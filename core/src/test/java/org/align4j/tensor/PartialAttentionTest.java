package org.align4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PartialAttentionTest {
    private static final int ROWS = 5;
    private static final int KV_HEADS = 3;
    private static final int GROUP = 2;
    private static final int WIDTH = 8;
    private static final int OWN = 6;
    private static final int SHARED = 11;
    private static final double SCALE = 0.9;

    /** Rows 2 to 4 share keys; every row sees some of its own. */
    @Test
    void partsJoinToTheWhole() {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            Tensor queries = random(1, ROWS * KV_HEADS, 1, GROUP, WIDTH);
            Tensor keys = random(2, ROWS * KV_HEADS, 1, OWN, WIDTH);
            Tensor values = random(3, ROWS * KV_HEADS, 1, OWN, WIDTH);
            Tensor sharedKeys = random(4, 1, KV_HEADS, SHARED, WIDTH);
            Tensor sharedValues = random(5, 1, KV_HEADS, SHARED, WIDTH);
            float[] visible = new float[ROWS * KV_HEADS * OWN];
            for (int i = 0; i < visible.length; i++) {
                int row = i / OWN / KV_HEADS;
                visible[i] = i % OWN <= row ? 0 : Float.NEGATIVE_INFINITY;
            }
            Tensor mask = Tensor.of(visible, ROWS * KV_HEADS, 1, 1, OWN);

            PartialAttention joined = PartialAttention.of(queries, keys, values, mask, SCALE);
            Tensor alone = queries.attention(keys, values, mask, SCALE).reshape(ROWS, -1);
            assertThat(joined.mixed().reshape(ROWS, -1).toFloats()).isEqualTo(alone.toFloats());
            int first = 2;
            int rows = 3;
            Tensor ofRows = queries.narrow(0, first * KV_HEADS, rows * KV_HEADS)
                    .reshape(rows, KV_HEADS, GROUP, WIDTH)
                    .transpose(0, 1)
                    .reshape(1, KV_HEADS, rows * GROUP, WIDTH);
            joined.join(first, rows, PartialAttention.of(ofRows, sharedKeys, sharedValues, null, SCALE));

            Tensor whole = queries.attention(
                            Tensor.cat(List.of(keys, forRows(sharedKeys)), 2),
                            Tensor.cat(List.of(values, forRows(sharedValues)), 2),
                            Tensor.cat(List.of(mask, Tensor.zeros(Dtype.F32, ROWS * KV_HEADS, 1, 1, SHARED)), 3),
                            SCALE)
                    .reshape(ROWS, -1);
            float[] got = joined.mixed().reshape(ROWS, -1).toFloats();
            int ofRow = KV_HEADS * GROUP * WIDTH;
            assertThat(Arrays.copyOf(got, first * ofRow)).isEqualTo(Arrays.copyOf(alone.toFloats(), first * ofRow));
            float[] expected = whole.toFloats();
            for (int i = first * ofRow; i < got.length; i++) {
                assertThat(got[i]).isCloseTo(expected[i], within(1e-6f));
            }
        }
    }

    /** The same keys or values for the heads of every row, (rows × kvHeads, 1, shared, width). */
    private static Tensor forRows(Tensor shared) {
        return shared.expand(ROWS, KV_HEADS, SHARED, WIDTH).reshape(ROWS * KV_HEADS, 1, SHARED, WIDTH);
    }

    private static Tensor random(int seed, int... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensor.of(values, Arrays.stream(shape).asLongStream().toArray());
    }
}
