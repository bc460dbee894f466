package org.align4j.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.HeadOutputs;
import org.align4j.tensor.StepScope;
import org.align4j.train.BatchPlan;
import org.align4j.train.Gradients;
import org.align4j.train.HeadStep;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;

/** The main loop of reward models, of whole completions ({@link RewardRecipe}) or of their steps ({@link PrmRecipe}). */
final class HeadLoop {
    private final HeadTask task;
    private final TrainingConfig config;
    private final RunListener listener;

    private HeadLoop(HeadTask task, RunListener listener) {
        this.task = task;
        this.config = task.config();
        this.listener = listener;
    }

    /** Runs to the end, or until the listener asks to stop. */
    static RunResult run(HeadTask task, RunListener listener) {
        try (TrainingRun run = TrainingRun.open(task, listener)) {
            if (run.alreadyFinished()) {
                return run.result(0, Map.of());
            }
            run.load();
            return new HeadLoop(task, listener).train(run);
        }
    }

    private RunResult train(TrainingRun run) {
        CausalLm model = run.policy();
        Schedule schedule = run.schedule();
        BatchPlan plan = run.plan();
        RunState state = run.startState();
        long trainingStart = System.nanoTime();
        Map<String, Object> metrics = Map.of();

        if (state.step() == 0 && !run.evalBatches().isEmpty()) {
            run.logBefore(evaluate(run));
        }
        while (state.step() < run.totalSteps() && !listener.stopRequested()) {
            long stepStart = System.nanoTime();
            List<TokenTree> batch = plan.batch(state.step());
            HeadStep step = task.step(batch, true);
            long seed = run.stepSeed(state.step());
            for (PackedBatch packed : PackedBatch.split(batch, config.tokensPerMicrobatch())) {
                try (StepScope scope = StepScope.open()) {
                    HeadOutputs forward = HeadOutputs.forward(model, packed, step.tokens(packed), seed);
                    forward.backward(step.add(packed, forward.values()));
                }
            }
            if (!Double.isFinite(step.loss())) {
                throw run.notFinite(state.step() + 1, "the loss", batch);
            }
            double gradNorm = Gradients.clip(model.trained(), config.maxGradNorm());
            if (!Double.isFinite(gradNorm)) {
                throw run.notFinite(state.step() + 1, "the gradient", batch);
            }
            double learningRate = schedule.learningRate(state.step());
            run.optimizer().step(learningRate);

            long tokens = task.tokens(batch);
            state = state.next(tokens, new double[0]);
            double seconds = (System.nanoTime() - stepStart) / 1e9;
            metrics = new LinkedHashMap<>();
            metrics.put("step", state.step());
            metrics.put("epoch", (double) state.step() / plan.stepsPerEpoch());
            metrics.put("loss", step.loss());
            metrics.put("grad_norm", gradNorm);
            metrics.put("learning_rate", learningRate);
            metrics.putAll(step.toMap(""));
            metrics.put("num_tokens", state.numTokens());
            metrics.put("tokens_per_second", tokens / seconds);
            if (run.evaluatesAfter(state.step())) {
                metrics.putAll(evaluate(run));
                run.remember(metrics);
            }
            run.finishStep(state, metrics, Optional.empty());
        }
        run.save(state, Optional.empty());
        return run.result((System.nanoTime() - trainingStart) / 1e9, metrics);
    }

    private Map<String, Object> evaluate(TrainingRun run) {
        HeadStep sums = task.step(run.evalTrees(), false);
        int done = 0;
        for (PackedBatch packed : run.evalBatches()) {
            sums.add(packed, HeadOutputs.score(run.policy(), packed, sums.tokens(packed)));
            listener.preparing("evaluating", ++done, run.evalBatches().size());
        }
        task.show(sums, run.folder());
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("eval_loss", sums.loss());
        metrics.putAll(sums.toMap("eval_"));
        return metrics;
    }
}
