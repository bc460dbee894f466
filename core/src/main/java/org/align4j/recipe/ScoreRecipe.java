package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.BadRows;
import org.align4j.data.Chats;
import org.align4j.data.PackedBatch;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.SolutionReader;
import org.align4j.data.SolutionTrees;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.model.CausalLm;
import org.align4j.reward.ImplicitReward;
import org.align4j.reward.ModelReward;
import org.align4j.reward.ProcessReward;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.json.JsonMapper;

/** Scores and ranks the completions of a preference file with the implicit reward of a model, or with a reward model. */
public final class ScoreRecipe {
    private static final JsonMapper MAPPER = new JsonMapper();

    private ScoreRecipe() {}

    /**
     * Writes one JSON object a row: {@code {"row", "completions": [{"num_tokens", "logp", "reference_logp", "reward",
     * "rank"}, …]}}, where row counts the lines of the file (the elements of an array) from 1, as messages do. A reward model
     * says no log-probabilities, an ensemble {@code reward_std} besides, a process reward model {@code steps} of a single
     * completion.
     */
    public static void run(ScoreConfig named, PrintStream standardOutput, RunListener listener) {
        ScoreConfig config = HubFiles.local(ScoreConfig.SCHEMA, named, listener);
        if (config.rewardModel().isEmpty()) {
            implicit(config, standardOutput, listener);
            return;
        }
        try (RewardModels models = RewardModels.open(config, listener)) {
            if (models.ofSteps()) {
                steps(config, models.first(), standardOutput, listener);
            } else {
                rewards(config, models, standardOutput, listener);
            }
        }
    }

    private static void implicit(ScoreConfig config, PrintStream standardOutput, RunListener listener) {
        Dtype dtype = config.dtype().resolve();
        Path model = config.model().orElseThrow();
        ModelChoice choice = ModelChoice.of(model, config.adapter(), listener);
        try (ModelFolder folder = ModelFolder.open(choice.base());
                Tokenizer tokenizer = Tokenizer.load(choice.base());
                RowStore store = RowStore.in(JsonlOutput.scratch(config.output()))) {
            ModelLoader.architecture(folder); // is it a language model at all?
            TokenizedRankings data = rankings(config, choice, tokenizer, store, listener);
            Optional<ModelChoice> other =
                    config.reference().map(path -> ModelChoice.of(path, Optional.empty(), listener));
            try (CausalLm base = ModelLoader.load(folder, dtype, false);
                    CausalLm policy = choice.over(base);
                    CausalLm otherBase = otherBase(other, choice, base, dtype);
                    CausalLm reference = other.isPresent() ? other.get().over(otherBase) : null) {
                Set<String> warnings = new LinkedHashSet<>(); // mostly the same of both
                ModelLimits.check(policy, data, model, config.maxLength(), warnings::add);
                if (reference != null) {
                    ModelLimits.check(reference, data, config.reference().get(), config.maxLength(), warnings::add);
                }
                warnings.forEach(listener::message);
                ImplicitReward reward = new ImplicitReward(policy, Optional.ofNullable(reference), config.beta());
                write(
                        config,
                        data,
                        batch -> completions(reward.score(batch), ScoreRecipe::implicit),
                        standardOutput,
                        listener);
            }
        }
    }

    private static void steps(ScoreConfig config, RewardModel model, PrintStream standardOutput, RunListener listener) {
        try (RowStore store = RowStore.in(JsonlOutput.scratch(config.output()))) {
            TokenizedRankings data = solutions(config, model, store, listener);
            try (RewardModel.Loaded loaded = model.load(config.dtype().resolve())) {
                ModelLimits.check(loaded.model(), data, model.path(), config.maxLength(), listener::message);
                ProcessReward reward = new ProcessReward(loaded.model());
                write(config, data, batch -> solutions(batch, reward.score(batch)), standardOutput, listener);
            }
        }
    }

    private static void rewards(
            ScoreConfig config, RewardModels models, PrintStream standardOutput, RunListener listener) {
        models.read(JsonlOutput.scratch(config.output()), listener);
        models.scored(
                (data, rewards) -> write(
                        config,
                        data,
                        batch -> completions(ModelReward.scored(batch, rewards.apply(batch)), ScoreRecipe::explicit),
                        standardOutput,
                        listener),
                listener);
    }

    private static TokenizedRankings rankings(
            ScoreConfig config, ModelChoice choice, Tokenizer tokenizer, RowStore store, RunListener listener) {
        TreeBuilder builder = new TreeBuilder(tokenizer, config.maxLength());
        Chats chats = Chats.of(GivenTemplate.orOwn(config.chatTemplate(), choice.base()));
        TrainingData.RowReader reader =
                (file, rows) -> RankingReader.readUnranked(file, config.onBadRow(), chats, rows);
        BadRows bad =
                new TrainingData.Reading(reader, 0).with(builder, listener).read(config.data(), store);
        return told(bad, builder.select(store, all(store)).uncompared(), listener);
    }

    private static TokenizedRankings solutions(
            ScoreConfig config, RewardModel model, RowStore store, RunListener listener) {
        String separator = config.stepSeparator()
                .map(PrmConfig::separator)
                .or(model::stepSeparator)
                .orElse("\n");
        SolutionTrees trees =
                new SolutionTrees(model.tokenizer(), separator, Integer.MAX_VALUE, config.maxLength(), false, false);
        BadRows bad = SolutionReader.read(
                config.data(), config.onBadRow(), false, solution -> store.add(trees.tokenize(solution)));
        return told(bad, trees.select(store, all(store)), listener);
    }

    private static int[] all(RowStore store) {
        return IntStream.range(0, store.size()).toArray();
    }

    private static TokenizedRankings told(BadRows bad, TokenizedRankings data, RunListener listener) {
        bad.summary().forEach(listener::message);
        data.report().lines().forEach(listener::message);
        return data;
    }

    /** @param scorer makes of each tree of a batch its completions as they are written */
    private static void write(
            ScoreConfig config,
            TokenizedRankings data,
            Function<PackedBatch, List<List<Map<String, Object>>>> scorer,
            PrintStream standardOutput,
            RunListener listener) {
        try (JsonlOutput output = JsonlOutput.open(config.output(), standardOutput)) {
            int done = 0;
            for (PackedBatch batch : PackedBatch.splitLazily(data.trees(), config.tokensPerMicrobatch())) {
                List<List<Map<String, Object>>> scored = scorer.apply(batch);
                for (int t = 0; t < scored.size(); t++) {
                    int row = batch.trees().get(t).row();
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("row", data.sources().get(row).line());
                    line.put("completions", scored.get(t));
                    output.write(MAPPER.writeValueAsString(line));
                }
                done += scored.size();
                listener.preparing("scoring", done, data.trees().size());
                if (listener.stopRequested()) {
                    throw new RunInterrupted();
                }
            }
            output.commit();
        }
    }

    /** A reference over the same base, as an adapter's usually is, shares it. */
    private static CausalLm otherBase(Optional<ModelChoice> other, ModelChoice choice, CausalLm base, Dtype dtype) {
        if (other.isEmpty()) {
            return null;
        }
        if (other.get().hasBaseOf(choice)) {
            return base.shared();
        }
        try (ModelFolder folder = ModelFolder.open(other.get().base())) {
            return ModelLoader.load(folder, dtype, false);
        }
    }

    private static <T> List<List<Map<String, Object>>> completions(
            List<List<T>> trees, Function<T, Map<String, Object>> form) {
        List<List<Map<String, Object>>> lines = new ArrayList<>();
        for (List<T> tree : trees) {
            lines.add(tree.stream().map(form).toList());
        }
        return lines;
    }

    private static Map<String, Object> implicit(ImplicitReward.Scored scored) {
        Map<String, Object> completion = new LinkedHashMap<>();
        completion.put("num_tokens", scored.numTokens());
        completion.put("logp", scored.logp());
        completion.put("reference_logp", scored.referenceLogp().orElse(null));
        completion.put("reward", scored.reward());
        completion.put("rank", scored.rank());
        return completion;
    }

    private static Map<String, Object> explicit(ModelReward.Scored scored) {
        Map<String, Object> completion = new LinkedHashMap<>();
        completion.put("num_tokens", scored.numTokens());
        completion.put("reward", scored.reward());
        if (scored.heads() > 1) {
            completion.put("reward_std", scored.deviation());
        }
        completion.put("rank", scored.rank());
        return completion;
    }

    private static List<List<Map<String, Object>>> solutions(PackedBatch batch, List<List<Double>> steps) {
        List<List<Map<String, Object>>> lines = new ArrayList<>();
        for (int t = 0; t < steps.size(); t++) {
            Map<String, Object> completion = new LinkedHashMap<>();
            completion.put("num_tokens", batch.trees().get(t).branches().get(0).tokens().length);
            completion.put("steps", steps.get(t));
            completion.put("reward", ProcessReward.product(steps.get(t)));
            completion.put("rank", 1);
            lines.add(List.of(completion));
        }
        return lines;
    }
}
