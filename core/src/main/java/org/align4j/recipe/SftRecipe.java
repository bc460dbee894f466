package org.align4j.recipe;

import java.util.Map;
import org.align4j.data.Chats;
import org.align4j.data.DemonstrationReader;
import org.align4j.data.TrainedTurns;
import org.align4j.objective.Dft;
import org.align4j.objective.Nll;
import org.align4j.objective.Objective;
import org.align4j.text.Tokenizer;
import org.align4j.train.DemonstrationMetrics;
import org.align4j.train.StepMetrics;

/** Supervised fine-tuning: a model folder and demonstrations to a model folder. The loop is {@link PolicyLoop}. */
public final class SftRecipe implements PolicyTask {
    private final SftConfig config;

    private SftRecipe(SftConfig config) {
        this.config = config;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(SftConfig config, RunListener listener) {
        return PolicyLoop.run(new SftRecipe(HubFiles.local(SftConfig.SCHEMA, config, listener)), listener);
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return SftConfig.SCHEMA.toMap(config);
    }

    @Override
    public TrainedTurns turns() {
        return config.turns().turns();
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RunListener listener) {
        return TrainingData.load(
                config(),
                file -> DemonstrationReader.readAll(file, config().onBadRow(), chats, config.completionOnlyLoss()),
                tokenizer,
                listener);
    }

    @Override
    public Objective objective() {
        return config.lossType() == SftConfig.LossType.DFT ? new Dft() : new Nll(1, true, false);
    }

    @Override
    public StepMetrics metrics() {
        return new DemonstrationMetrics();
    }
}
