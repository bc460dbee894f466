package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingNoiseTest {
    private static final TokenTree SHORT = text(0, 3, 9, 27);
    private static final TokenTree LONG = text(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

    private static TokenTree text(int row, int... tokens) {
        return new TokenTree(new int[0], List.of(new TokenTree.Branch(tokens, 0)), row);
    }

    /** The noise that a batch's embeddings get, (tokens · width). */
    private static float[] noise(double alpha, long seed, TokenTree... trees) {
        PackedBatch batch = PackedBatch.of(List.of(trees));
        try (StepScope scope = StepScope.open()) {
            Tensor zeros = Tensor.zeros(Dtype.F32, batch.tokenCount(), 32);
            Weights none = name -> {
                throw new IllegalArgumentException(name);
            };
            return new EmbeddingNoise(alpha, seed, batch)
                    .over(none)
                    .embedded(zeros)
                    .toFloats();
        }
    }

    @Test
    void isUniformWithinAlphaOverTheRootOfLengthTimesWidth() {
        float[] noise = noise(5, 1, SHORT, LONG);
        double sumOfSquares = 0;
        double bound = 5 / Math.sqrt(12 * 32);
        for (int i = 0; i < noise.length; i++) {
            double limit = i < 3 * 32 ? 5 / Math.sqrt(3 * 32) : bound;
            assertThat(Math.abs(noise[i])).isLessThanOrEqualTo((float) limit);
            sumOfSquares += i < 3 * 32 ? 0 : noise[i] * noise[i];
        }
        // A uniform draw within ±b has variance b²/3; of 384 draws the mean square is within 12 % but for 1 in 100
        // seeds.
        assertThat(sumOfSquares / (12 * 32) / (bound * bound / 3)).isCloseTo(1, within(0.12));
    }

    @Test
    void doesNotDependOnThePacking() {
        float[] together = noise(5, 1, SHORT, LONG);
        float[] alone = noise(5, 1, LONG);
        for (int i = 0; i < alone.length; i++) {
            assertThat(together[3 * 32 + i]).isEqualTo(alone[i]);
        }
        assertThat(noise(5, 2, LONG)).isNotEqualTo(alone);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gpt-neox", "gpt-j", "gemma2", "mixtral"})
    void changesTrainingInEveryFamilyAndNothingElse(String name) {
        PackedBatch batch = PackedBatch.of(List.of(LONG));
        try (CausalLm plain = TinyModels.of(name, Dtype.F32, true)) {
            CausalLm noisy = plain.noisy(5);
            float[] without = LogProbs.score(plain, batch).logps();
            assertThat(LogProbs.score(noisy, batch).logps()).isEqualTo(without);
            float[] with = LogProbs.score(noisy, batch, 1, false).logps();
            assertThat(with).isNotEqualTo(without);
            assertThat(LogProbs.score(noisy, batch, 1, false).logps()).isEqualTo(with);
        }
    }
}
