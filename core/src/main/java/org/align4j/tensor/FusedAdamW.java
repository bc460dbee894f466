package org.align4j.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * libtorch's fused AdamW kernel (Loshchilov and Hutter 2019, decoupled weight decay): one pass over the memory of
 * parameters, gradients and both moments. It has no Java method, so it is called by its operator name.
 */
public final class FusedAdamW {
    private final OperatorHandle kernel;
    private final OperatorHandle unbind;

    public FusedAdamW() {
        Libtorch.load();
        kernel = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
        unbind = Dispatcher.singleton().findSchemaOrThrow("aten::unbind", "int");
    }

    /**
     * One update, in place.
     *
     * @param parameters (n), float32
     * @param gradients (n)
     * @param firstMoments (n)
     * @param secondMoments (n)
     * @param step 1 for the first update
     */
    public void update(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            long step,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            IValueVector arguments = new IValueVector();
            arguments.push_back(listOf(parameters.reshape(1, -1)));
            arguments.push_back(listOf(gradients.reshape(1, -1)));
            arguments.push_back(listOf(firstMoments.reshape(1, -1)));
            arguments.push_back(listOf(secondMoments.reshape(1, -1)));
            arguments.push_back(listOf(Tensor.empty(Dtype.F32, 0, 1))); // largest second moments: AMSGrad only
            arguments.push_back(listOf(Tensor.of(new float[] {step}, 1)));
            for (double number : new double[] {learningRate, beta1, beta2, weightDecay, epsilon}) {
                arguments.push_back(new IValue(number));
            }
            arguments.push_back(new IValue(false)); // amsgrad
            arguments.push_back(new IValue(false)); // maximize
            arguments.push_back(new IValue()); // grad_scale
            arguments.push_back(new IValue()); // found_inf
            kernel.callBoxed(arguments);
        }
    }

    /** The rows of a tensor as a libtorch list of views: the presets offer no other way to build one. */
    private IValue listOf(Tensor rows) {
        IValueVector arguments = new IValueVector();
        arguments.push_back(new IValue(rows.handle));
        arguments.push_back(new IValue(0L));
        unbind.callBoxed(arguments);
        return arguments.get(0);
    }
}
