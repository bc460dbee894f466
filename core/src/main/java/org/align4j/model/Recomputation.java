package org.align4j.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Gradient checkpointing (Chen et al. 2016, <i>Training Deep Nets with Sublinear Memory Cost</i>) for a frozen model under an
 * adapter: the forward pass keeps what goes into each block and no graph of it; {@link #backward} computes block after block
 * again, from the last one on. What a block needs for its backward pass, such as matrices made of four bits, is thus there for
 * one block at a time.
 */
final class Recomputation {
    private record Block(Tensor input, UnaryOperator<Tensor> compute, Tensor outputGradient) {}

    private final Deque<Block> blocks = new ArrayDeque<>();

    /** Weights whose blocks are computed again. */
    Weights over(Weights base) {
        return new ForwardingWeights(base) {
            @Override
            public Tensor block(Tensor x, UnaryOperator<Tensor> compute) {
                return forward(x, compute);
            }
        };
    }

    private Tensor forward(Tensor x, UnaryOperator<Tensor> compute) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            Tensor output = compute.apply(x).requireGrad();
            Tensor gradient = Tensor.zeros(output.dtype(), output.shape());
            output.setGrad(gradient);
            blocks.push(new Block(x, compute, scope.keep(gradient)));
            return scope.keep(output);
        }
    }

    /** Goes on where the backward pass of the hidden states ended: with the gradient of the last block's output. */
    void backward() {
        while (!blocks.isEmpty()) {
            Block block = blocks.pop();
            try (StepScope scope = StepScope.open()) {
                Tensor input = block.input().detach();
                if (!blocks.isEmpty()) { // the gradient of an input is that of the output before it
                    input.requireGrad().setGrad(blocks.peek().outputGradient());
                }
                block.compute().apply(input).backward(block.outputGradient());
            }
        }
    }
}
