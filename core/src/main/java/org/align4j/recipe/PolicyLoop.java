package org.align4j.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.model.TokenScores;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.tensor.StepScope;
import org.align4j.train.AdamW;
import org.align4j.train.BatchPlan;
import org.align4j.train.Gradients;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;
import org.align4j.train.StepLoss;
import org.align4j.train.StepMetrics;

/**
 * The main loop of everything that trains a language model: preferences, labelled completions, demonstrations. The loss is
 * an {@link Objective} of log-probabilities; {@link StepLoss} applies it to trees of any size.
 */
final class PolicyLoop {
    private final PolicyTask task;
    private final TrainingConfig config;
    private final RunListener listener;
    private final Objective objective;
    private final boolean certainty;

    private PolicyLoop(PolicyTask task, RunListener listener) {
        this.task = task;
        this.config = task.config();
        this.listener = listener;
        this.objective = task.objective();
        this.certainty = objective.needs().contains(Need.CERTAINTY);
    }

    /** Runs to the end, or until the listener asks to stop. */
    static RunResult run(PolicyTask task, RunListener listener) {
        return new PolicyLoop(task, listener).run();
    }

    private RunResult run() {
        try (TrainingRun run = TrainingRun.open(task, listener)) {
            if (run.alreadyFinished()) {
                return run.result(0, Map.of());
            }
            try (References references = task.references(run)) {
                run.load();
                return train(run, references);
            }
        }
    }

    private RunResult train(TrainingRun run, References references) {
        CausalLm policy = run.policy();
        AdamW optimizer = run.optimizer();
        Schedule schedule = run.schedule();
        BatchPlan plan = run.plan();
        RunState state = run.startState();
        long trainingStart = System.nanoTime();
        Map<String, Object> metrics = Map.of();

        if (state.step() == 0 && !run.evalBatches().isEmpty()) {
            run.logBefore(evaluate(run, references, state));
        }
        while (state.step() < run.totalSteps() && !listener.stopRequested()) {
            long stepStart = System.nanoTime();
            List<TokenTree> batch = plan.batch(state.step());
            List<PackedBatch> packs = PackedBatch.split(batch, config.tokensPerMicrobatch());
            StepLoss step = new StepLoss(objective, packs, memory(state));
            StepMetrics sums = task.metrics();
            long seed = run.stepSeed(state.step());
            if (step.looksAhead()) {
                for (PackedBatch packed : packs) {
                    step.show(packed, LogProbs.score(policy, packed, seed, certainty), references.train());
                }
            }
            for (PackedBatch packed : packs) {
                try (StepScope scope = StepScope.open()) {
                    LogProbs forward = LogProbs.forward(policy, packed, seed, certainty);
                    StepLoss.Result loss = step.of(packed, forward.scores(), references.train());
                    stopAtBadLoss(run, state.step() + 1, packed, loss);
                    sums.add(packed, forward.scores(), loss);
                    forward.backward(loss.gradient());
                }
            }
            double gradNorm = Gradients.clip(policy.trained(), config.maxGradNorm());
            if (!Double.isFinite(gradNorm)) {
                throw run.notFinite(state.step() + 1, "the gradient", batch);
            }
            double learningRate = schedule.learningRate(state.step());
            optimizer.step(learningRate);

            long tokens = task.tokens(batch);
            state = state.next(tokens, step.memory());
            references.sync(state.step());
            double seconds = (System.nanoTime() - stepStart) / 1e9;
            metrics = new LinkedHashMap<>();
            metrics.put("step", state.step());
            metrics.put("epoch", (double) state.step() / plan.stepsPerEpoch());
            metrics.put("loss", sums.loss());
            metrics.put("grad_norm", gradNorm);
            metrics.put("learning_rate", learningRate);
            metrics.putAll(sums.toMap(""));
            metrics.put("num_tokens", state.numTokens());
            metrics.put("tokens_per_second", tokens / seconds);
            if (run.evaluatesAfter(state.step())) {
                metrics.putAll(evaluate(run, references, state));
                run.remember(metrics);
            }
            run.finishStep(state, metrics, references.moving());
        }
        run.save(state, references.moving());
        return run.result((System.nanoTime() - trainingStart) / 1e9, metrics);
    }

    private static double[] memory(RunState state) {
        return state.memory().stream().mapToDouble(Double::doubleValue).toArray();
    }

    private Map<String, Object> evaluate(TrainingRun run, References references, RunState state) {
        StepMetrics sums = task.metrics();
        List<PackedBatch> packs = run.evalBatches();
        StepLoss loss = new StepLoss(objective, packs, memory(state));
        List<TokenScores> seen = new ArrayList<>();
        for (int i = 0; i < packs.size(); i++) {
            PackedBatch packed = packs.get(i);
            TokenScores scores = LogProbs.score(run.policy(), packed, certainty);
            if (loss.looksAhead()) {
                seen.add(scores); // the one case in which memory grows with the rows
                loss.show(packed, scores, references.eval());
            } else {
                sums.add(packed, scores, loss.of(packed, scores, references.eval()));
            }
            listener.preparing("evaluating", i + 1, packs.size());
        }
        for (int i = 0; i < seen.size(); i++) {
            sums.add(packs.get(i), seen.get(i), loss.of(packs.get(i), seen.get(i), references.eval()));
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("eval_loss", sums.loss());
        metrics.putAll(sums.toMap("eval_"));
        return metrics;
    }

    private static void stopAtBadLoss(TrainingRun run, int step, PackedBatch packed, StepLoss.Result loss) {
        List<TokenTree> bad = new ArrayList<>();
        for (int e = 0; e < loss.losses().length; e++) {
            if (!Double.isFinite(loss.losses()[e])) {
                bad.add(packed.trees().get(e));
            }
        }
        if (!bad.isEmpty()) {
            throw run.notFinite(step, "the loss", bad);
        }
    }
}
