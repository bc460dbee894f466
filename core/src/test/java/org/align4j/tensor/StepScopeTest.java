package org.align4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepScopeTest {
    @Test
    void freesWhatIsNotKept() {
        Tensor lost;
        Tensor kept;
        try (StepScope scope = StepScope.open()) {
            lost = Tensor.of(new float[] {1, 2}, 2);
            kept = scope.keep(lost.add(1));
        }
        assertThat(lost.handle.isNull()).isTrue();
        assertThat(kept.toFloats()).containsExactly(2, 3);
        kept.close();
    }

    @Test
    void passesKeptTensorsToTheScopeAround() {
        Tensor result;
        try (StepScope outer = StepScope.open()) {
            try (StepScope inner = StepScope.open()) {
                result = inner.keep(Tensor.of(new float[] {3}, 1));
            }
            assertThat(result.toFloats()).containsExactly(3);
        }
        assertThat(result.handle.isNull()).isTrue();
    }
}
