package org.align4j.recipe;

import java.util.Map;
import java.util.Optional;
import org.align4j.data.Chats;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.TrainedTurns;
import org.align4j.objective.Dpo;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.text.Tokenizer;
import org.align4j.train.PreferenceMetrics;
import org.align4j.train.StepMetrics;

/**
 * Direct Preference Optimization and its family, from a model folder and a preference file to an aligned model folder. The
 * loss is {@link Dpo} or another {@link Objective}, the loop {@link PolicyLoop}.
 */
public final class DpoRecipe implements PolicyTask {
    private final DpoConfig config;
    private final Objective objective;

    private DpoRecipe(DpoConfig config) {
        this.config = config;
        this.objective = config.objective();
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(DpoConfig config, RunListener listener) {
        return PolicyLoop.run(new DpoRecipe(HubFiles.local(DpoConfig.SCHEMA, config, listener)), listener);
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return DpoConfig.SCHEMA.toMap(config);
    }

    @Override
    public Optional<ReferenceConfig> reference() {
        return Optional.of(config.reference());
    }

    @Override
    public TrainedTurns turns() {
        return config.turns().turns();
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        boolean allTied = objective.needs().contains(Need.TIES);
        TrainingData data = TrainingData.load(
                config(),
                (file, rows) -> RankingReader.read(file, config().onBadRow(), chats, allTied, rows),
                tokenizer,
                store,
                listener);
        if (objective.needs().contains(Need.SCORES)) {
            data.requireScores(config.lossType());
        }
        return data;
    }

    @Override
    public Objective objective() {
        return objective;
    }

    @Override
    public StepMetrics metrics() {
        return new PreferenceMetrics(objective, config.ldAlpha().orElse(1.0));
    }

    @Override
    public References references(TrainingRun run) {
        return References.of(run, config.reference(), objective);
    }
}
