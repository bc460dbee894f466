package org.align4j.train;

import org.align4j.model.Parameters;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;

/** The global gradient norm and clipping by it (Pascanu et al. 2013). */
public final class Gradients {
    private Gradients() {}

    /**
     * The Euclidean norm of all gradients before clipping; then scales them so that it is at most {@code maxNorm}.
     *
     * @param maxNorm 0 for no clipping
     */
    public static double clip(Parameters parameters, double maxNorm) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            double norm = parameters.flatGradient().norm().item();
            if (maxNorm > 0 && norm > maxNorm) {
                parameters.flatGradient().mulInPlace(maxNorm / (norm + 1e-6)); // PyTorch's ε
            }
            return norm;
        }
    }
}
