package org.align4j.recipe;

import java.util.Arrays;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.tensor.StepScope;
import org.align4j.train.AdamW;
import org.align4j.train.BatchPlan;
import org.align4j.train.Gradients;
import org.align4j.train.Schedule;

/**
 * Language modelling from scratch: the mean negative log-likelihood of the branches' tokens, −(1/n) Σ log π(token |
 * before), in nats.
 */
public final class Pretraining {
    private static final int TOKENS_PER_MICROBATCH = 4096;

    /** Hears the loss of every step. */
    @FunctionalInterface
    public interface StepListener {
        void step(int step, int totalSteps, double loss);
    }

    /**
     * @param schedule its total steps are those of the training
     * @param batchSize examples of a step
     */
    public record Settings(Schedule schedule, int batchSize, double maxGradNorm, long seed) {}

    private Pretraining() {}

    /** Trains the model in place and returns the loss of the last step. */
    public static double train(CausalLm model, List<TokenTree> examples, Settings settings, StepListener listener) {
        BatchPlan plan = new BatchPlan(BatchPlan.single(examples), settings.batchSize(), true, settings.seed());
        int steps = settings.schedule().totalSteps();
        double loss = Double.NaN;
        try (AdamW optimizer = new AdamW(model.parameters(), new AdamW.Settings(0.9, 0.95, 1e-8, 0))) {
            for (int step = 0; step < steps; step++) {
                List<PackedBatch> batches = PackedBatch.split(plan.batch(step), TOKENS_PER_MICROBATCH);
                int tokens =
                        batches.stream().mapToInt(PackedBatch::predictionCount).sum();
                loss = 0;
                for (PackedBatch batch : batches) {
                    try (StepScope scope = StepScope.open()) {
                        LogProbs forward = LogProbs.forward(model, batch);
                        for (float logp : forward.scores().logps()) {
                            loss -= logp / tokens;
                        }
                        float[] gradient = new float[batch.predictionCount()];
                        Arrays.fill(gradient, -1f / tokens);
                        forward.backward(gradient);
                    }
                }
                Gradients.clip(model.parameters(), settings.maxGradNorm());
                optimizer.step(settings.schedule().learningRate(step));
                listener.step(step + 1, steps, loss);
            }
        }
        return loss;
    }
}
