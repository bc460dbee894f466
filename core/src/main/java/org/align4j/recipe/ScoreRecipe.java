package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.BadRows;
import org.align4j.data.Chats;
import org.align4j.data.PackedBatch;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.model.CausalLm;
import org.align4j.reward.ImplicitReward;
import org.align4j.tensor.Dtype;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.json.JsonMapper;

/** Scores and ranks the completions of a preference file with the implicit reward of a model. */
public final class ScoreRecipe {
    private static final JsonMapper MAPPER = new JsonMapper();

    private ScoreRecipe() {}

    /**
     * Writes one JSON object a row: {@code {"row", "completions": [{"num_tokens", "logp", "reference_logp", "reward",
     * "rank"}, …]}}, where row counts the lines of the file (the elements of an array) from 0.
     */
    public static void run(ScoreConfig named, PrintStream standardOutput, RunListener listener) {
        ScoreConfig config = HubFiles.local(ScoreConfig.SCHEMA, named, listener);
        Dtype dtype = config.dtype().resolve();
        ModelChoice choice = ModelChoice.of(config.model(), config.adapter(), listener);
        try (ModelFolder folder = ModelFolder.open(choice.base());
                Tokenizer tokenizer = Tokenizer.load(choice.base());
                RowStore store = RowStore.in(scratch(config))) {
            TreeBuilder builder = new TreeBuilder(tokenizer, config.maxLength());
            TreeBuilder.Filling rows = builder.fill(store);
            Chats chats = Chats.of(ChatTemplate.onFirstUse(choice.base()));
            BadRows bad = RankingReader.readUnranked(config.data(), config.onBadRow(), chats, rows);
            rows.finish();
            TokenizedRankings data =
                    builder.select(store, IntStream.range(0, store.size()).toArray());
            bad.summary().forEach(listener::message);
            data.report().lines().forEach(listener::message);
            Optional<ModelChoice> other =
                    config.reference().map(path -> ModelChoice.of(path, Optional.empty(), listener));
            try (CausalLm base = ModelLoader.load(folder, dtype, false);
                    CausalLm policy = choice.over(base);
                    CausalLm otherBase = otherBase(other, choice, base, dtype);
                    CausalLm reference = other.isPresent() ? other.get().over(otherBase) : null;
                    JsonlOutput output = JsonlOutput.open(config.output(), standardOutput)) {
                ModelLimits.check(policy, data, config.model(), config.maxLength(), listener);
                if (reference != null) {
                    ModelLimits.check(reference, data, config.reference().get(), config.maxLength(), listener);
                }
                ImplicitReward reward = new ImplicitReward(policy, Optional.ofNullable(reference), config.beta());
                int done = 0;
                for (PackedBatch batch : PackedBatch.splitLazily(data.trees(), config.tokensPerMicrobatch())) {
                    List<List<ImplicitReward.Scored>> scored = reward.score(batch);
                    for (int t = 0; t < scored.size(); t++) {
                        int row = batch.trees().get(t).row();
                        output.write(MAPPER.writeValueAsString(
                                line(data.sources().get(row).line() - 1, scored.get(t))));
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
    }

    /** A folder for rows that memory need not hold: that of the output, or the one for temporary files. */
    private static Path scratch(ScoreConfig config) {
        return config.output()
                .map(file -> file.toAbsolutePath().getParent())
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
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

    private static Map<String, Object> line(long row, List<ImplicitReward.Scored> scored) {
        List<Map<String, Object>> completions = new ArrayList<>();
        for (ImplicitReward.Scored each : scored) {
            Map<String, Object> completion = new LinkedHashMap<>();
            completion.put("num_tokens", each.numTokens());
            completion.put("logp", each.logp());
            completion.put("reference_logp", each.referenceLogp().orElse(null));
            completion.put("reward", each.reward());
            completion.put("rank", each.rank());
            completions.add(completion);
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("row", row);
        line.put("completions", completions);
        return line;
    }
}
