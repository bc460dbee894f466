package org.align4j.tensor;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A gated feed-forward block, {@code down(activation(gate(x)) · up(x))}, without gradients, of which every thread of a
 * {@link Crew} computes some of the inner values from first to last and what these add to the result: the threads then
 * wait for each other once instead of twice, and share what lies between the layers.
 */
public final class SplitGated implements AutoCloseable {
    /** Some of the inner values: the rows of gate and up, end to end, and the columns of down. */
    private record Part(long width, LinearPiece gateAndUp, LinearPiece down) {}

    private final Part[] parts;

    /**
     * @param weights of gate (inner, in), up (inner, in) and down (out, inner), which are copied
     * @param biases of the same, or empty
     * @param threads how many will compute
     * @param crew makes the parts
     */
    public SplitGated(List<Tensor> weights, List<Tensor> biases, int threads, Crew crew) {
        long inner = weights.get(0).size(0);
        long blocks = (inner + LinearPiece.BLOCK - 1) / LinearPiece.BLOCK;
        parts = new Part[(int) Math.min(threads, blocks)];
        crew.run(parts.length, p -> {
            long from = blocks * p / parts.length * LinearPiece.BLOCK;
            long width = Math.min(inner, blocks * (p + 1) / parts.length * LinearPiece.BLOCK) - from;
            try (StepScope scope = StepScope.open()) {
                Tensor bias = biases.isEmpty() ? null : rows(biases, from, width);
                // What is added to the result is added once.
                Tensor added = biases.isEmpty() || p > 0
                        ? null
                        : biases.get(2).narrow(0, 0, biases.get(2).size(0));
                Tensor columns = weights.get(2).narrow(1, from, width).contiguous();
                parts[p] = new Part(
                        width,
                        LinearPiece.of(scope, rows(weights, from, width), bias, true),
                        LinearPiece.of(scope, columns, added, true));
            }
        });
    }

    private static Tensor rows(List<Tensor> gateUpDown, long from, long width) {
        return Tensor.cat(
                List.of(
                        gateUpDown.get(0).narrow(0, from, width),
                        gateUpDown.get(1).narrow(0, from, width)),
                0);
    }

    /** (rows, in) to (rows, out). */
    public Tensor apply(Tensor x, UnaryOperator<Tensor> activation, Crew crew) {
        Tensor[] sums = crew.compute(parts.length, p -> {
            long width = parts[p].width;
            Tensor gateAndUp = parts[p].gateAndUp.apply(x);
            Tensor gate = activation.apply(gateAndUp.narrow(1, 0, width));
            Tensor inner = gate.mulInPlace(gateAndUp.narrow(1, width, width));
            // In float32, so that the sum is rounded once.
            Tensor sum = Tensor.empty(Dtype.F32, x.size(0), parts[p].down.outputs());
            parts[p].down.apply(inner, sum, 0);
            return sum;
        });
        for (int p = 1; p < sums.length; p++) {
            sums[0].addInPlace(sums[p]);
        }
        return sums[0].to(x.dtype());
    }

    @Override
    public void close() {
        for (Part part : parts) {
            part.gateAndUp.close();
            part.down.close();
        }
    }
}
