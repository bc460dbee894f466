package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.align4j.model.Parameters;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;

class GradientsTest {

    private static Parameters parameters(long count) {
        return Parameters.allocate(Map.of("w", new long[] {count}), Dtype.F32, true);
    }

    @Test
    void scalesGradientsThatAreTooLong() {
        try (Parameters parameters = parameters(3);
                StepScope scope = StepScope.open()) {
            parameters.gradient("w").copyInPlace(Tensor.of(new float[] {2, 3, 6}, 3));
            assertThat(Gradients.clip(parameters, 0)).isEqualTo(7);
            assertThat(Gradients.clip(parameters, 8)).isEqualTo(7);
            assertThat(parameters.gradient("w").toFloats()).containsExactly(2, 3, 6);
            assertThat(Gradients.clip(parameters, 3.5)).isEqualTo(7);
            assertThat(Gradients.clip(parameters, 0)).isCloseTo(3.5, within(1e-5));
        }
    }

    @Test
    void theNormOfManyGradientsIsRight() {
        int count = 50_000_000; // a sum in float32 is off by more than a thousandth here
        try (Parameters parameters = parameters(count);
                StepScope scope = StepScope.open()) {
            parameters.gradient("w").zeroInPlace().addInPlace(Tensor.of(new float[] {1e-3f}, 1));
            double expected = (double) 1e-3f * Math.sqrt(count);
            assertThat(Gradients.clip(parameters, 0)).isCloseTo(expected, within(1e-6 * expected));
        }
    }

    /** Losses with exponentials of log-ratios, as DPO with the forward KL has, reach them. */
    @Test
    void hugeGradientsAreScaledToo() {
        try (Parameters parameters = parameters(3);
                StepScope scope = StepScope.open()) {
            parameters.gradient("w").copyInPlace(Tensor.of(new float[] {2e30f, 3e30f, -6e30f}, 3));
            assertThat(Gradients.clip(parameters, 14)).isCloseTo(7e30, within(1e25));
            assertThat(parameters.gradient("w").toFloats()).containsExactly(new float[] {4, 6, -12}, within(1e-5f));
        }
    }
}
