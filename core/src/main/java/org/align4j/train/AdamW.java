package org.align4j.train;

import org.align4j.model.Parameters;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.FusedAdamW;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** AdamW (Loshchilov and Hutter 2019) over all parameters of a model at once, in float32. Weight decay
 * touches matrices only, not norms and biases, as in transformers. */
public final class AdamW implements AutoCloseable {

    /** Hyper-parameters, with PyTorch's meaning. */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {}

    private final Parameters parameters;
    private final Settings settings;
    private final Tensor firstMoments;
    private final Tensor secondMoments;
    private final FusedAdamW kernel = new FusedAdamW();
    private long updates;

    public AdamW(Parameters parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        this.firstMoments = Tensor.zeros(Dtype.F32, parameters.flat().count());
        this.secondMoments = Tensor.zeros(Dtype.F32, parameters.flat().count());
    }

    /** One update from the summed gradients, which are zeroed afterwards. */
    public void step(double learningRate) {
        updates++;
        long matrices = parameters.matrixElements();
        update(0, matrices, learningRate, settings.weightDecay());
        update(matrices, firstMoments.count() - matrices, learningRate, 0);
        parameters.refresh();
        parameters.zeroGradients();
    }

    private void update(long from, long count, double learningRate, double weightDecay) {
        try (StepScope scope = StepScope.open()) {
            kernel.update(
                    parameters.flat().narrow(0, from, count),
                    parameters.flatGradient().narrow(0, from, count),
                    firstMoments.narrow(0, from, count),
                    secondMoments.narrow(0, from, count),
                    updates,
                    learningRate,
                    settings.beta1(),
                    settings.beta2(),
                    settings.epsilon(),
                    weightDecay);
        }
    }

    /** Running means of gradients, in the layout of {@link Parameters#flat}. */
    public Tensor firstMoments() {
        return firstMoments;
    }

    /** Running means of squared gradients, in the layout of {@link Parameters#flat}. */
    public Tensor secondMoments() {
        return secondMoments;
    }

    public long updates() {
        return updates;
    }

    /** Goes on after that many updates; the moments must have been filled. */
    public void resumeAfter(long updates) {
        this.updates = updates;
    }

    @Override
    public void close() {
        firstMoments.close();
        secondMoments.close();
    }
}
