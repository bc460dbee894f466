package org.align4j.tensor;

import static org.align4j.tensor.WholeNumbers.product;
import static org.align4j.tensor.WholeNumbers.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of small whole numbers, whose sums float32 holds exactly in any order. */
class PackedPieceTest {
    private static final int IN = 70;
    private static final int OUT = 37;

    @BeforeEach
    void needsOneDnn() {
        assumeTrue(OneDnn.isAvailable(), "oneDNN is not used on this processor");
    }

    @ParameterizedTest
    @CsvSource({"F32, F32, false", "F32, F32, true", "BF16, F32, true", "BF16, F32, false"})
    void rowsComeAndGo(Dtype dtype, Dtype result, boolean biased) {
        float[] weight = whole(OUT * IN, 1);
        float[] bias = biased ? whole(OUT, 2) : new float[OUT];
        try (StepScope scope = StepScope.open();
                LinearPiece piece = new PackedPiece(
                        scope,
                        Tensor.of(weight, OUT, IN).to(dtype),
                        biased ? Tensor.of(bias, OUT).to(dtype) : null)) {
            for (int rows : new int[] {1, 7, 64, 200, 7, 1}) {
                float[] x = whole(rows * IN, rows);
                Tensor target = Tensor.empty(result, rows, OUT);
                piece.apply(Tensor.of(x, rows, IN).to(dtype), target, 0);
                assertThat(target.toFloats()).isEqualTo(product(x, weight, bias, IN));
            }
        }
    }

    @Test
    void bf16RoundsOnce() {
        float[] weight = whole(OUT * IN, 1);
        float[] x = whole(3 * IN, 2);
        try (StepScope scope = StepScope.open();
                LinearPiece piece =
                        new PackedPiece(scope, Tensor.of(weight, OUT, IN).to(Dtype.BF16), null)) {
            Tensor got = piece.apply(Tensor.of(x, 3, IN).to(Dtype.BF16));
            assertThat(got.dtype()).isEqualTo(Dtype.BF16);
            Tensor exact = Tensor.of(product(x, weight, new float[OUT], IN), 3, OUT);
            assertThat(got.toFloats()).isEqualTo(exact.to(Dtype.BF16).toFloats());
        }
    }

    /** The weight is a part of another that lies (in, out), as does the input, and the target is wider. */
    @Test
    void strangersBesideAreLeftAlone() {
        float[] weight = whole(OUT * IN, 1);
        float[] x = whole(5 * IN, 2);
        try (StepScope scope = StepScope.open()) {
            Tensor wider = Tensor.cat(
                    List.of(
                            Tensor.of(whole(3 * IN, 3), 3, IN),
                            Tensor.of(weight, OUT, IN),
                            Tensor.of(whole(IN, 4), 1, IN)),
                    0);
            Tensor lying = wider.transpose(0, 1).contiguous().transpose(0, 1);
            Tensor rows = Tensor.of(x, 5, IN).transpose(0, 1).contiguous().transpose(0, 1);
            try (LinearPiece piece = new PackedPiece(scope, lying.narrow(0, 3, OUT), null)) {
                Tensor target = Tensor.zeros(Dtype.F32, 5, OUT + 10);
                piece.apply(rows, target, 4);
                float[] expected = new float[5 * (OUT + 10)];
                float[] product = product(x, weight, new float[OUT], IN);
                for (int row = 0; row < 5; row++) {
                    System.arraycopy(product, row * OUT, expected, row * (OUT + 10) + 4, OUT);
                }
                assertThat(target.toFloats()).isEqualTo(expected);
            }
        }
    }

    @Test
    void threadsComputeAtATime() {
        float[] weight = whole(OUT * IN, 1);
        float[][] results = new float[64][];
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(4);
                LinearPiece piece = new PackedPiece(scope, Tensor.of(weight, OUT, IN), null)) {
            crew.run(results.length, p -> {
                try (StepScope own = StepScope.open()) {
                    int rows = 1 + p % 5;
                    results[p] = piece.apply(Tensor.of(whole(rows * IN, p), rows, IN))
                            .toFloats();
                }
            });
        }
        for (int p = 0; p < results.length; p++) {
            float[] x = whole((1 + p % 5) * IN, p);
            assertThat(results[p]).isEqualTo(product(x, weight, new float[OUT], IN));
        }
    }
}
