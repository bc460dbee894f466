package org.align4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loops of one thread or several against libtorch's operations, or by hand. */
class FewValuesTest {
    private static final double EPSILON = 1e-5;

    @Test
    void whatIsNotSampledIsLeftToLibtorch() {
        try (StepScope scope = StepScope.open()) {
            Tensor x = random(3, 5);
            assertThat(FewValues.pays(x)).isFalse();
            try (Crew crew = Crew.open(1)) {
                assertThat(FewValues.pays(x)).isTrue();
                assertThat(FewValues.pays(x.transpose(0, 1))).isFalse();
                assertThat(FewValues.pays(x.to(Dtype.BF16))).isFalse();
                assertThat(FewValues.pays(random(1000, 1000))).isFalse();
            }
            assertThat(FewValues.pays(x)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 7, 1", "5, 576, 2", "40, 576, 3"})
    void rmsNormIsLibtorchs(int rows, int width, int threads) {
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(threads)) {
            Tensor x = random(rows, width);
            Tensor weight = random(1, width).reshape(width);
            float[] expected = x.rmsNorm(weight, EPSILON).toFloats();
            float[] got = FewValues.rmsNorm(x, weight, EPSILON).toFloats();
            assertThat(got).hasSameSizeAs(expected);
            for (int i = 0; i < got.length; i++) {
                assertThat(got[i]).isCloseTo(expected[i], within(1e-6f * (1 + Math.abs(expected[i]))));
            }
        }
    }

    /** Two tokens of two heads, whose first four of five dimensions turn by a quarter or half of a circle. */
    @Test
    void pairsTurn() {
        float[] values = new float[20];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(1)) {
            Tensor cos = Tensor.of(new float[] {0, -1, -1, 0}, 2, 1, 2);
            Tensor sin = Tensor.of(new float[] {1, 0, 0, 1}, 2, 1, 2);
            assertThat(FewValues.rotated(Tensor.of(values, 2, 2, 5), cos, sin).toFloats())
                    .containsExactly(-2, -1, 0, -3, 4, -7, -6, 5, -8, 9, -10, -13, -12, 11, 14, -15, -18, -17, 16, 19);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void tokensTurnAlikeWhoeverTurnsThem(int threads) {
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(threads)) {
            int tokens = 50;
            Tensor x = random(tokens, 9 * 64).reshape(tokens, 9, 64);
            Tensor cos = random(tokens, 32).reshape(tokens, 1, 32);
            Tensor sin = random(tokens, 32).reshape(tokens, 1, 32);
            Tensor first = x.narrow(2, 0, 32);
            Tensor second = x.narrow(2, 32, 32);
            Tensor expected = Tensor.cat(
                    List.of(first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))), 2);
            assertThat(FewValues.rotated(x, cos, sin).toFloats()).isEqualTo(expected.toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, F32", "3, F32", "3, BF16"})
    void rowsGoToTheirPlaces(int threads, Dtype dtype) {
        int count = 300;
        int width = 64;
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = 7 * i % 401;
        }
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(threads)) {
            Tensor source = random(count, width).to(dtype);
            Tensor target = random(401, width).to(dtype);
            float[] values = source.toFloats();
            float[] expected = target.toFloats();
            for (int i = 0; i < count; i++) {
                System.arraycopy(values, i * width, expected, (int) places[i] * width, width);
            }
            FewValues.copyRows(source, target, places);
            assertThat(target.toFloats()).isEqualTo(expected);
        }
    }

    private static Tensor random(int rows, int width) {
        float[] values = new float[rows * width];
        SplittableRandom random = new SplittableRandom(rows + width);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.of(values, rows, width);
    }
}
