package org.align4j.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.model.TokenScores;
import org.align4j.objective.Dpo;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.tensor.StepScope;
import org.align4j.train.AdamW;
import org.align4j.train.BatchPlan;
import org.align4j.train.Gradients;
import org.align4j.train.PreferenceLoss;
import org.align4j.train.PreferenceMetrics;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;

/**
 * Direct Preference Optimization and its family, from a model folder and a preference file to an aligned model folder. The
 * loss is {@link Dpo} or another {@link Objective}; {@link PreferenceLoss} applies it to rankings of any length.
 */
public final class DpoRecipe {
    private final DpoConfig config;
    private final RunListener listener;
    private final Objective objective;
    private final boolean certainty;

    private DpoRecipe(DpoConfig config, RunListener listener) {
        this.config = config;
        this.listener = listener;
        this.objective = config.objective();
        this.certainty = objective.needs().contains(Need.CERTAINTY);
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(DpoConfig config, RunListener listener) {
        return new DpoRecipe(config, listener).run();
    }

    private RunResult run() {
        try (DpoRun run = DpoRun.prepare(config, listener)) {
            if (run.alreadyFinished()) {
                return run.result(0, Map.of());
            }
            CausalLm policy = run.policy();
            AdamW optimizer = run.optimizer();
            Schedule schedule = run.schedule();
            BatchPlan plan = run.plan();
            RunState state = run.startState();
            long trainingStart = System.nanoTime();
            Map<String, Object> metrics = Map.of();

            if (state.step() == 0) {
                evaluateBefore(run);
            }
            while (state.step() < run.totalSteps() && !listener.stopRequested()) {
                long stepStart = System.nanoTime();
                List<TokenTree> batch = plan.batch(state.step());
                PreferenceMetrics sums = new PreferenceMetrics();
                long tokens = 0;
                List<PackedBatch> packs = PackedBatch.split(batch, config.tokensPerMicrobatch());
                PreferenceLoss step = loss(packs, state);
                long dropoutSeed = run.dropoutSeed(state.step());
                if (step.looksAhead()) {
                    for (PackedBatch packed : packs) {
                        step.show(packed, LogProbs.score(policy, packed, dropoutSeed, certainty), run.trainReference());
                    }
                }
                for (PackedBatch packed : packs) {
                    try (StepScope scope = StepScope.open()) {
                        LogProbs forward = LogProbs.forward(policy, packed, dropoutSeed, certainty);
                        PreferenceLoss.Result loss = step.of(packed, forward.scores(), run.trainReference());
                        stopAtBadLoss(run, state.step() + 1, loss.examples());
                        sums.add(packed, forward.scores(), loss.examples());
                        forward.backward(loss.gradient());
                    }
                }
                for (TokenTree tree : batch) {
                    tokens += tree.plainTokens();
                }
                double gradNorm = Gradients.clip(policy.trained(), config.maxGradNorm());
                stopAtBadGradient(run, state.step() + 1, gradNorm, batch);
                double learningRate = schedule.learningRate(state.step());
                optimizer.step(learningRate);

                state = state.next(tokens, step.memory());
                run.syncReference(state.step());
                double seconds = (System.nanoTime() - stepStart) / 1e9;
                metrics = metrics(state, sums, gradNorm, learningRate, tokens / seconds, plan.stepsPerEpoch());
                if (evaluatesAfter(state.step(), run)) {
                    metrics.putAll(evaluate(run, state));
                    run.remember(metrics);
                }
                run.log(state.step(), metrics);
                listener.step(state.step(), run.totalSteps(), metrics);
                if (config.saveSteps() > 0 && state.step() % config.saveSteps() == 0) {
                    run.saveCheckpoint(state);
                }
            }
            boolean finished = state.step() == run.totalSteps();
            if (finished) {
                run.saveModel(state);
            } else {
                run.saveCheckpoint(state);
            }
            return run.result((System.nanoTime() - trainingStart) / 1e9, metrics);
        }
    }

    private static Map<String, Object> metrics(
            RunState state,
            PreferenceMetrics sums,
            double gradNorm,
            double learningRate,
            double tokensPerSecond,
            int stepsPerEpoch) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("step", state.step());
        metrics.put("epoch", (double) state.step() / stepsPerEpoch);
        metrics.put("loss", sums.loss());
        metrics.put("grad_norm", gradNorm);
        metrics.put("learning_rate", learningRate);
        metrics.putAll(sums.toMap(""));
        metrics.put("num_tokens", state.numTokens());
        metrics.put("tokens_per_second", tokensPerSecond);
        return metrics;
    }

    private boolean evaluatesAfter(int step, DpoRun run) {
        return !run.evalBatches().isEmpty()
                && (step == run.totalSteps() || config.evalSteps() > 0 && step % config.evalSteps() == 0);
    }

    private void evaluateBefore(DpoRun run) {
        if (run.evalBatches().isEmpty()) {
            return;
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("step", 0);
        metrics.put("epoch", 0.0);
        metrics.putAll(evaluate(run, run.startState()));
        run.remember(metrics);
        run.log(0, metrics);
    }

    private PreferenceLoss loss(List<PackedBatch> packs, RunState state) {
        double[] memory =
                state.memory().stream().mapToDouble(Double::doubleValue).toArray();
        return new PreferenceLoss(objective, config.ldAlpha().orElse(1.0), packs, memory);
    }

    private Map<String, Object> evaluate(DpoRun run, RunState state) {
        PreferenceMetrics sums = new PreferenceMetrics();
        PreferenceLoss loss = loss(run.evalBatches(), state);
        List<TokenScores> all = new ArrayList<>();
        for (PackedBatch packed : run.evalBatches()) {
            TokenScores scores = LogProbs.score(run.policy(), packed, certainty);
            all.add(scores);
            if (loss.looksAhead()) {
                loss.show(packed, scores, run.evalReference());
            }
            listener.preparing("evaluating", all.size(), run.evalBatches().size());
        }
        for (int i = 0; i < all.size(); i++) {
            PackedBatch packed = run.evalBatches().get(i);
            sums.add(
                    packed,
                    all.get(i),
                    loss.of(packed, all.get(i), run.evalReference()).examples());
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("eval_loss", sums.loss());
        metrics.putAll(sums.toMap("eval_"));
        return metrics;
    }

    private void stopAtBadLoss(DpoRun run, int step, List<PreferenceLoss.Example> examples) {
        List<TokenTree> bad = new ArrayList<>();
        for (PreferenceLoss.Example example : examples) {
            if (!Double.isFinite(example.loss())) {
                bad.add(example.tree());
            }
        }
        if (!bad.isEmpty()) {
            throw notFinite(run, step, "the loss", bad);
        }
    }

    private void stopAtBadGradient(DpoRun run, int step, double gradNorm, List<TokenTree> batch) {
        if (!Double.isFinite(gradNorm)) {
            throw notFinite(run, step, "the gradient", batch);
        }
    }

    private AlignException notFinite(DpoRun run, int step, String what, List<TokenTree> rows) {
        List<String> places = new ArrayList<>();
        for (TokenTree tree : rows) {
            places.add(run.sourceOf(tree).toString());
        }
        return AlignException.failure(what + " of step " + step + " is not a finite number, caused by "
                + String.join(", ", places) + "; the weights of step " + (step - 1)
                + " are not written, the last checkpoint is kept; look at these rows, or lower learning_rate (now "
                + config.learningRate() + ")");
    }
}
