package org.align4j.train;

import java.util.List;
import org.align4j.model.Parameters;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** The global gradient norm and clipping by it (Pascanu et al. 2013). */
public final class Gradients {
    private static final long PIECE = 1024;

    private Gradients() {}

    /**
     * The Euclidean norm of all gradients before clipping; then scales them so that it is at most {@code maxNorm}.
     *
     * @param maxNorm 0 for no clipping
     */
    public static double clip(Parameters parameters, double maxNorm) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            Tensor flat = parameters.flatGradient();
            double norm = norm(flat);
            if (Double.isInfinite(norm)) { // squares of more than 10¹⁹ are none in float32
                double largest = Math.max(largest(flat), largest(flat.neg()));
                if (Double.isFinite(largest)) {
                    norm = largest * norm(flat.mulInPlace(1 / largest));
                    flat.mulInPlace(largest);
                }
            }
            if (maxNorm > 0 && norm > maxNorm) {
                flat.mulInPlace(maxNorm / (norm + 1e-6)); // PyTorch's ε
            }
            return norm;
        }
    }

    /** In float64 from the norms of short pieces: a sum of 10⁸ squares in float32 would be off by a percent. */
    private static double norm(Tensor flat) {
        long rows = flat.count() / PIECE;
        long inRows = rows * PIECE;
        double squares = 0;
        for (Tensor pieces : List.of(
                flat.narrow(0, 0, inRows).reshape(rows, PIECE),
                flat.narrow(0, inRows, flat.count() - inRows).reshape(1, -1))) {
            if (pieces.count() > 0) {
                for (float norm : pieces.normOfRows().toFloats()) {
                    squares += (double) norm * norm;
                }
            }
        }
        return Math.sqrt(squares);
    }

    private static double largest(Tensor flat) {
        return flat.reshape(1, -1).maxOfRows().toFloats()[0];
    }
}
