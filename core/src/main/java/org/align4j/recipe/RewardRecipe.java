package org.align4j.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.Chats;
import org.align4j.data.PackedBatch;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.Rewards;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.text.Tokenizer;
import org.align4j.train.BatchPlan;
import org.align4j.train.Gradients;
import org.align4j.train.RewardLoss;
import org.align4j.train.RewardMetrics;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;

/**
 * A reward model from a language model, or from an older reward model, and preferences. The result is what transformers
 * loads as {@code AutoModelForSequenceClassification} with one label.
 */
public final class RewardRecipe implements TrainingTask {
    /** The width of a new head where config.json has no {@code initializer_range}: transformers' default. */
    private static final double INITIALIZER_RANGE = 0.02;

    private final RewardConfig config;
    private final RunListener listener;
    private Objective objective;
    private int padId;

    private RewardRecipe(RewardConfig config, RunListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(RewardConfig config, RunListener listener) {
        return new RewardRecipe(HubFiles.local(RewardConfig.SCHEMA, config, listener), listener).run();
    }

    private RunResult run() {
        try (TrainingRun run = TrainingRun.open(this, listener)) {
            if (run.alreadyFinished()) {
                return run.result(0, Map.of());
            }
            run.load();
            return train(run);
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
            RewardLoss step = new RewardLoss(objective, config.centerRewardsCoefficient(), batch.size());
            RewardMetrics sums = new RewardMetrics();
            for (PackedBatch packed : PackedBatch.split(batch, config().tokensPerMicrobatch())) {
                try (StepScope scope = StepScope.open()) {
                    Rewards forward = Rewards.forward(model, packed, padId);
                    double[] rewards = forward.scores();
                    RewardLoss.Result loss = step.of(packed, rewards);
                    sums.add(packed, rewards, loss);
                    forward.backward(loss.slopes());
                }
            }
            if (!Double.isFinite(sums.loss())) {
                throw run.notFinite(state.step() + 1, "the loss", batch);
            }
            double gradNorm = Gradients.clip(model.trained(), config().maxGradNorm());
            if (!Double.isFinite(gradNorm)) {
                throw run.notFinite(state.step() + 1, "the gradient", batch);
            }
            double learningRate = schedule.learningRate(state.step());
            run.optimizer().step(learningRate);

            long tokens = 0;
            for (TokenTree tree : batch) {
                tokens += tree.plainTokens();
            }
            state = state.next(tokens, new double[0]);
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
                metrics.putAll(evaluate(run));
                run.remember(metrics);
            }
            run.finishStep(state, metrics, Optional.empty());
        }
        run.save(state, Optional.empty());
        return run.result((System.nanoTime() - trainingStart) / 1e9, metrics);
    }

    private Map<String, Object> evaluate(TrainingRun run) {
        RewardMetrics sums = new RewardMetrics();
        RewardLoss loss = new RewardLoss(objective, config.centerRewardsCoefficient(), run.evalExamples());
        int done = 0;
        for (PackedBatch packed : run.evalBatches()) {
            double[] rewards = Rewards.score(run.policy(), packed, padId);
            sums.add(packed, rewards, loss.of(packed, rewards));
            listener.preparing("evaluating", ++done, run.evalBatches().size());
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("eval_loss", sums.loss());
        metrics.putAll(sums.toMap("eval_"));
        return metrics;
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return RewardConfig.SCHEMA.toMap(config);
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        boolean margins = config.lossType() == RewardConfig.LossType.BRADLEY_TERRY
                && config().data().stream().allMatch(file -> RankingReader.hasMargins(file, config().onBadRow()));
        objective = config.objective(margins);
        TrainingData data = TrainingData.load(
                config(),
                (file, rows) -> RankingReader.read(file, config().onBadRow(), chats, false, rows),
                tokenizer,
                store,
                listener);
        if (objective.needs().contains(Need.SCORES)) {
            data.requireScores("bradley_terry");
        }
        return data;
    }

    @Override
    public CausalLm load(ModelFolder folder, Dtype dtype, boolean trainable) {
        double range = folder.config().path("initializer_range").asDouble(INITIALIZER_RANGE);
        double width = config.headInit() == RewardConfig.HeadInit.ZERO ? 0 : range;
        return ModelLoader.loadScoring(folder, dtype, trainable, width, config().seed());
    }

    /** The padding token goes into the written config.json: transformers needs it to find the last token. */
    @Override
    public ModelWriter writer(ModelFolder folder, Tokenizer tokenizer) {
        padId = folder.config().path("pad_token_id").isInt()
                        && folder.config().path("pad_token_id").asInt() >= 0
                ? folder.config().path("pad_token_id").asInt()
                : tokenizer.padId().orElseGet(tokenizer::eosId);
        return new ModelWriter(folder).scoring(padId);
    }
}
