package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ExpertsTest {
    /** Expert e computes e · relu(x) · x of one number; the router's logits are x, 0 and −x. */
    private static float[] apply(int chosen, float... inputs) {
        try (StepScope scope = StepScope.open()) {
            Map<String, Tensor> tensors = new java.util.HashMap<>();
            tensors.put("gate.weight", Tensor.of(new float[] {1, 0, -1}, 3, 1));
            for (int e = 0; e < 3; e++) {
                tensors.put("experts." + e + ".w1.weight", Tensor.of(new float[] {1}, 1, 1));
                tensors.put("experts." + e + ".w3.weight", Tensor.of(new float[] {1}, 1, 1));
                tensors.put("experts." + e + ".w2.weight", Tensor.of(new float[] {e}, 1, 1));
            }
            return new Experts(3, chosen, 1, Activation.RELU)
                    .apply(tensors::get, "", Tensor.of(inputs, inputs.length, 1))
                    .toFloats();
        }
    }

    @Test
    void oneExpertAnswersAlone() {
        assertThat(apply(1, 2, 3)).containsExactly(0, 0); // expert 0
        assertThat(apply(1, 0)).containsExactly(0);
    }

    @Test
    void sharesOfTheChosenAddUpToOne() {
        float second = (float) (1 / (1 + Math.exp(2))); // softmax of 2 and 0
        assertThat(apply(2, 2)[0]).isCloseTo(second * 1 * 4, within(1e-6f));
        double total = Math.exp(2) + 1 + Math.exp(-2);
        assertThat(apply(3, 2)[0]).isCloseTo((float) ((1 * 4 + Math.exp(-2) * 2 * 4) / total), within(1e-6f));
    }

    @Test
    void tokensComeBackInTheirOrder() {
        float[] together = apply(2, 2, -1, 0.5f, 3, -2);
        float[] inputs = {2, -1, 0.5f, 3, -2};
        for (int i = 0; i < inputs.length; i++) {
            assertThat(apply(2, inputs[i])[0]).isCloseTo(together[i], within(1e-6f));
        }
    }
}
