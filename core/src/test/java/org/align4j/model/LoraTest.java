package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoraTest {
    private static final List<TokenTree> TREES = List.of(
            tree(0, new int[] {3, 9, 27}, new int[] {1, 2, 5}, new int[] {8, 7}),
            tree(1, new int[] {4}, new int[] {11, 12, 13, 60}));
    private static final PackedBatch BATCH = PackedBatch.of(TREES);
    private static final float[] WEIGHTS = {1, 0.5f, -1, 2, -0.25f, 1, -1, 0.5f, 0.75f};

    static Stream<String> families() {
        return TinyModels.configs().keySet().stream();
    }

    private static TokenTree tree(int row, int[] trunk, int[]... branches) {
        return new TokenTree(
                trunk, Stream.of(branches).map(tokens -> new Branch(tokens, 0)).toList(), row);
    }

    /** Over every linear layer. */
    private static Lora lora(CausalLm base, double dropout, boolean trainable) {
        LoraSettings settings = new LoraSettings(3, 6, dropout, false, LoraLayers.kinds(base.architecture()));
        return Lora.allocate(base.architecture(), settings, base.dtype(), trainable);
    }

    /** Random A and B, so that both get gradients. */
    private static CausalLm adapted(CausalLm base, double dropout) {
        Lora lora = lora(base, dropout, true);
        SplittableRandom random = new SplittableRandom(3);
        for (String name : lora.parameters().names()) {
            Tensor target = lora.parameters().stored(name);
            float[] values = new float[(int) target.count()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.2 * Gaussian.next(random));
            }
            target.copyInPlace(Tensor.of(values, target.shape()));
        }
        lora.parameters().refresh();
        return base.adapted(lora);
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradientsAreThoseOfFiniteDifferencesAndOnlyTheAdapterHasSome(String family) {
        try (CausalLm base = TinyModels.of(family, Dtype.F32, false);
                CausalLm model = adapted(base, 0)) {
            float[] frozen = base.parameters().flat().toFloats();
            try (StepScope scope = StepScope.open()) {
                LogProbs.forward(model, BATCH).backward(WEIGHTS);
            }
            assertThat(base.parameters().trainable()).isFalse();
            assertThat(base.parameters().flat().toFloats()).isEqualTo(frozen);
            assertThat(model.trained()).isSameAs(model.lora().orElseThrow().parameters());
            for (String name : model.trained().names()) {
                assertThat(model.trained()
                                .gradient(name)
                                .reshape(-1)
                                .normOfRows()
                                .item())
                        .as(name)
                        .isPositive();
            }
            float[] gradient = model.trained().flatGradient().toFloats();
            float[] start = model.trained().flat().toFloats();
            SplittableRandom random = new SplittableRandom(5);
            for (int trial = 0; trial < 5; trial++) {
                float[] direction = new float[start.length];
                double slope = 0;
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = random.nextBoolean() ? 1 : -1;
                    slope += (double) gradient[i] * direction[i];
                }
                double step = 1e-4;
                double numeric =
                        (valueAt(model, start, direction, step) - valueAt(model, start, direction, -step)) / (2 * step);
                assertThat((numeric - slope) / Math.max(1, Math.abs(slope))).isBetween(-0.02, 0.02);
            }
        }
    }

    private static double valueAt(CausalLm model, float[] start, float[] direction, double step) {
        float[] moved = new float[start.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = (float) (start[i] + step * direction[i]);
        }
        try (StepScope scope = StepScope.open()) {
            model.trained().flat().detach().copyInPlace(Tensor.of(moved, moved.length));
            float[] logps = LogProbs.score(model, BATCH).logps();
            double value = 0;
            for (int i = 0; i < WEIGHTS.length; i++) {
                value += WEIGHTS[i] * (double) logps[i];
            }
            return value;
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aFreshAdapterChangesNothingNotEvenABitWithDropoutToo(String family) {
        for (Dtype dtype : List.of(Dtype.F32, Dtype.BF16)) {
            try (CausalLm base = TinyModels.of(family, dtype, false)) {
                Lora lora = lora(base, 0.5, true);
                lora.initialize(1, base.parameters());
                try (CausalLm model = base.adapted(lora);
                        StepScope scope = StepScope.open()) {
                    float[] expected = LogProbs.score(base, BATCH).logps();
                    assertThat(LogProbs.score(model, BATCH).logps()).isEqualTo(expected);
                    assertThat(LogProbs.forward(model, BATCH, 9).scores().logps())
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void theDrawIsUniformWithinOneOverTheRootOfTheWidthAndBIsZero() {
        try (CausalLm base = TinyModels.of("llama", Dtype.F32, false);
                Lora lora = lora(base, 0, true)) {
            lora.initialize(5, base.parameters());
            double squares = 0;
            long count = 0;
            for (String name : lora.parameters().names()) {
                float[] values = lora.parameters().stored(name).toFloats();
                double bound = 1 / Math.sqrt(lora.parameters().stored(name).size(1));
                for (float value : values) {
                    if (name.endsWith("lora_B.weight")) {
                        assertThat(value).isZero();
                    } else {
                        assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
                        squares += value * value / (bound * bound);
                        count++;
                    }
                }
            }
            assertThat(squares / count).isCloseTo(1 / 3.0, within(0.02)); // the variance of a uniform in ±1
        }
    }

    @Test
    void scaleIsAlphaOverRankOrItsRoot() {
        assertThat(new LoraSettings(16, 32, 0, false, List.of("q")).scale()).isEqualTo(2);
        assertThat(new LoraSettings(16, 32, 0, true, List.of("q")).scale()).isEqualTo(8);
    }

    @Test
    void dropoutKeepsTheShareItShouldAndTheMeanOfWhatItScales() {
        List<TokenTree> trees = List.of(tree(0, new int[200], new int[100], new int[100]));
        Dropout dropout = new Dropout(0.2, 1, PackedBatch.of(trees));
        try (StepScope scope = StepScope.open()) {
            float[] mask = dropout.mask(0, 64).toFloats();
            double kept = 0;
            for (float value : mask) {
                assertThat(value).isIn(0f, 1f);
                kept += value;
            }
            assertThat(kept / mask.length).isCloseTo(0.8, within(0.01)); // four standard errors
            assertThat(dropout.scale() * kept / mask.length).isCloseTo(1, within(0.0125));
            assertThat(dropout.mask(0, 64).toFloats()).isEqualTo(mask);
            assertThat(dropout.mask(1, 64).toFloats()).isNotEqualTo(mask);
        }
    }

    @Test
    void whatIsDroppedDependsOnTheSeedAndTheExampleNotOnThePacking() {
        try (CausalLm base = TinyModels.of("llama", Dtype.F32, false);
                CausalLm model = adapted(base, 0.5);
                StepScope scope = StepScope.open()) {
            float[] together = LogProbs.forward(model, BATCH, 7).scores().logps();
            float[] second = LogProbs.forward(model, PackedBatch.of(List.of(TREES.get(1))), 7)
                    .scores()
                    .logps();
            for (int i = 0; i < second.length; i++) {
                assertThat(second[i]).isCloseTo(together[together.length - second.length + i], within(1e-5f));
            }
            assertThat(LogProbs.forward(model, BATCH, 7).scores().logps()).isEqualTo(together);
            assertThat(LogProbs.forward(model, BATCH, 8).scores().logps()).isNotEqualTo(together);
            assertThat(LogProbs.score(model, BATCH).logps()).isNotEqualTo(together);
        }
    }

    @Test
    void weightsUnderAnAdapterMustBeFrozen() {
        try (CausalLm base = TinyModels.of("llama", Dtype.F32, true);
                Lora lora = lora(base, 0, true)) {
            assertThatThrownBy(() -> base.adapted(lora)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
