package org.align4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
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
                assertThat(FewValues.pays(x.to(Dtype.BF16))).isTrue();
                assertThat(FewValues.pays(x.to(Dtype.F64))).isFalse();
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
            float[] got = FewValues.rmsNorm(x, weight, EPSILON, true).toFloats();
            assertThat(got).hasSameSizeAs(expected);
            for (int i = 0; i < got.length; i++) {
                assertThat(got[i]).isCloseTo(expected[i], within(1e-6f * (1 + Math.abs(expected[i]))));
            }
        }
    }

    /** Beside libtorch's operations one after the other. Sums differ in their last bits, so that few values round apart. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void rmsNormRoundsAsInBf16(boolean roundsTwice) {
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(2)) {
            Tensor x = random(50, 576).to(Dtype.BF16);
            Tensor weight = random(1, 576).reshape(576).to(Dtype.BF16);
            Tensor wide = x.to(Dtype.F32);
            Tensor normed =
                    wide.mul(wide.square().meanOfRows().addInPlace(EPSILON).rsqrtInPlace());
            float[] expected = (roundsTwice ? normed.to(Dtype.BF16).mul(weight) : normed.mul(weight.to(Dtype.F32)))
                    .to(Dtype.BF16)
                    .toFloats();
            Tensor got = FewValues.rmsNorm(x, weight, EPSILON, roundsTwice);
            assertThat(got.dtype()).isEqualTo(Dtype.BF16);
            float[] values = got.toFloats();
            int apart = 0;
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) / 64));
                apart += values[i] == expected[i] ? 0 : 1;
            }
            assertThat(apart).isLessThan(values.length / 1000);
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
            assertThat(FewValues.rotated(cos, sin, Tensor.of(values, 2, 2, 5))[0].toFloats())
                    .containsExactly(-2, -1, 0, -3, 4, -7, -6, 5, -8, 9, -10, -13, -12, 11, 14, -15, -18, -17, 16, 19);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, F32", "3, F32", "1, BF16", "3, BF16"})
    void tokensTurnAlikeWhoeverTurnsThem(int threads, Dtype dtype) {
        try (StepScope scope = StepScope.open();
                Crew crew = Crew.open(threads)) {
            int tokens = 50;
            Tensor x = random(tokens, 9 * 64).reshape(tokens, 9, 64).to(dtype);
            Tensor cos = random(tokens, 32).reshape(tokens, 1, 32).to(dtype);
            Tensor sin = random(tokens, 32).reshape(tokens, 1, 32).neg().to(dtype);
            Tensor first = x.narrow(2, 0, 32);
            Tensor second = x.narrow(2, 32, 32);
            Tensor expected = Tensor.cat(
                    List.of(first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))), 2);
            Tensor[] turned = FewValues.rotated(cos, sin, x, x.narrow(1, 0, 4).contiguous());
            assertThat(turned[0].toFloats()).isEqualTo(expected.toFloats());
            assertThat(turned[1].toFloats()).isEqualTo(expected.narrow(1, 0, 4).toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"F32", "BF16"})
    void rowsGoToTheirPlaces(Dtype dtype) {
        int count = 300;
        int width = 64;
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = 7 * i % 401;
        }
        try (StepScope scope = StepScope.open()) {
            Tensor source = random(count, width).to(dtype);
            Tensor target = random(401, width);
            float[] values = source.toFloats();
            float[] expected = target.toFloats();
            for (int i = 20; i < 250; i++) {
                System.arraycopy(values, i * width, expected, (int) places[i] * width, width);
            }
            FewValues.copyRows(source, 20, 230, width, target, places);
            assertThat(target.toFloats()).isEqualTo(expected);
        }
    }

    /** Halves between two neighbours, what is too large for the smaller type, infinities and what is no number. */
    @Test
    void valuesAreRoundedAsLibtorchRounds() {
        float[] values = {
            1,
            1.00390625f,
            1.01171875f,
            1.0039063f,
            -1.00390625f,
            3.4e38f,
            -3.4028235e38f,
            1e-40f,
            -0f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN
        };
        try (StepScope scope = StepScope.open()) {
            Tensor wide = Tensor.of(values, 3, 4);
            Tensor rounded = Tensor.empty(Dtype.BF16, 2, 12);
            FewValues.put(wide, rounded, 0);
            FewValues.put(wide, rounded, 12);
            float[] expected = wide.to(Dtype.BF16).toFloats();
            float[] got = rounded.toFloats();
            assertThat(Arrays.copyOf(got, 12)).isEqualTo(expected);
            assertThat(FewValues.wide(rounded, 11, 13).toFloats()).isEqualTo(Arrays.copyOfRange(got, 11, 24));
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
