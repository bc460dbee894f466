package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.align4j.model.Parameters;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.95, 1e-8, 0.1);
    private static final double RATE = 0.01;

    @Test
    void firstStepMovesEveryWeightByTheLearningRate() {
        // With bias correction the first step is the gradient divided by its own size, whatever the size.
        try (Parameters parameters = parameters(Dtype.F32);
                AdamW optimizer = new AdamW(parameters, new AdamW.Settings(0.9, 0.999, 0, 0))) {
            double before = parameters.stored("bias").toFloats()[0];
            setGradient(parameters, "bias", 1e-4f, -3f);
            setGradient(parameters, "matrix", 5f, -1f, 2f, 1f);
            optimizer.step(RATE);
            float[] bias = parameters.stored("bias").toFloats();
            assertThat((double) bias[0]).isCloseTo(before - RATE, within(1e-6));
            assertThat((double) bias[1]).isCloseTo(before + RATE, within(1e-6));
        }
    }

    @Test
    void followsAlgorithmTwoAndDecaysMatricesOnly() {
        try (Parameters parameters = parameters(Dtype.F32);
                AdamW optimizer = new AdamW(parameters, SETTINGS)) {
            float[] matrix = parameters.stored("matrix").toFloats();
            float[] bias = parameters.stored("bias").toFloats();
            ByHand[] weights = {
                new ByHand(matrix[0], 0.1), new ByHand(matrix[3], 0.1), new ByHand(bias[0], 0), new ByHand(bias[1], 0)
            };
            SplittableRandom random = new SplittableRandom(5);
            for (int step = 1; step <= 20; step++) {
                float[] g = {noise(random), noise(random), noise(random), noise(random)};
                setGradient(parameters, "matrix", g[0], 0, 0, g[1]);
                setGradient(parameters, "bias", g[2], g[3]);
                optimizer.step(RATE);
                for (int i = 0; i < weights.length; i++) {
                    weights[i].step(step, g[i]);
                }
            }
            matrix = parameters.stored("matrix").toFloats();
            bias = parameters.stored("bias").toFloats();
            float[] ours = {matrix[0], matrix[3], bias[0], bias[1]};
            for (int i = 0; i < weights.length; i++) {
                assertThat((double) ours[i]).isCloseTo(weights[i].weight, within(1e-6));
            }
            assertThat(parameters.gradient("bias").toFloats()).containsOnly(0);
        }
    }

    @Test
    void bf16ModelsKeepWhatBf16WouldSwallow() {
        try (Parameters parameters = parameters(Dtype.BF16);
                AdamW optimizer = new AdamW(parameters, new AdamW.Settings(0.9, 0.999, 0, 0))) {
            // The masters of a norm or bias start at 0 here, so start from a value with a coarse bf16 neighbourhood.
            try (StepScope scope = StepScope.open()) {
                parameters.stored("bias").copyInPlace(Tensor.of(new float[] {1, 1}, 2));
            }
            parameters.refresh();
            for (int step = 0; step < 100; step++) {
                setGradient(parameters, "bias", 1, 1);
                optimizer.step(1e-4);
            }
            assertThat((double) parameters.stored("bias").toFloats()[0]).isCloseTo(0.99, within(1e-4));
            assertThat((double) parameters.get("bias").to(Dtype.F32).toFloats()[0])
                    .isCloseTo(0.99, within(4e-3));
        }
    }

    /** One weight in double precision: Loshchilov and Hutter 2019, algorithm 2, with η_t α = the learning rate. */
    private static final class ByHand {
        private final double decay;
        private double weight;
        private double m;
        private double v;

        ByHand(double weight, double decay) {
            this.weight = weight;
            this.decay = decay;
        }

        void step(int t, double gradient) {
            m = SETTINGS.beta1() * m + (1 - SETTINGS.beta1()) * gradient;
            v = SETTINGS.beta2() * v + (1 - SETTINGS.beta2()) * gradient * gradient;
            double mHat = m / (1 - Math.pow(SETTINGS.beta1(), t));
            double vHat = v / (1 - Math.pow(SETTINGS.beta2(), t));
            weight -= RATE * (mHat / (Math.sqrt(vHat) + SETTINGS.epsilon()) + decay * weight);
        }
    }

    private static Parameters parameters(Dtype computeType) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("bias", new long[] {2});
        shapes.put("matrix", new long[] {2, 2});
        Parameters parameters = Parameters.allocate(shapes, computeType, true);
        parameters.randomize(1, new SplittableRandom(1));
        return parameters;
    }

    private static void setGradient(Parameters parameters, String name, float... values) {
        try (StepScope scope = StepScope.open()) {
            Tensor gradient = parameters.gradient(name);
            gradient.copyInPlace(Tensor.of(values, gradient.shape()));
        }
    }

    private static float noise(SplittableRandom random) {
        return (float) (random.nextDouble() - 0.5);
    }
}
