package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.align4j.Words;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.Chats;
import org.align4j.data.DemonstrationReader;
import org.align4j.data.Packing;
import org.align4j.data.RowStore;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TrainedTurns;
import org.align4j.model.CausalLm;
import org.align4j.objective.Objective;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import org.align4j.train.DemonstrationMetrics;
import org.align4j.train.StepMetrics;

/**
 * Supervised fine-tuning, or language modelling from scratch: a model folder and texts to a model folder. The loop is
 * {@link PolicyLoop}.
 */
public final class SftRecipe implements PolicyTask {
    private final SftConfig config;
    private final RunListener listener;

    private SftRecipe(SftConfig config, RunListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(SftConfig config, RunListener listener) {
        SftConfig local = HubFiles.local(SftConfig.SCHEMA, config, listener);
        return PolicyLoop.run(new SftRecipe(local, listener), listener);
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
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        int length = config.cutsRows() ? Integer.MAX_VALUE : config().maxLength();
        TrainingData data = TrainingData.load(
                config(),
                length,
                length,
                source -> new TrainingData.Reading(
                        (file, rows) -> DemonstrationReader.read(
                                file, config().onBadRow(), chats, config.completionOnlyLoss(), rows),
                        0),
                tokenizer,
                store,
                listener);
        if (!config.cutsRows()) {
            return data;
        }
        TokenizedRankings rows = data.train();
        List<TokenTree> cut = config.packingStrategy() == Packing.Strategy.WRAPPED
                ? Packing.wrapped(rows.trees(), config().maxLength(), tokenizer.encode("").length)
                : Packing.split(rows.trees(), config().maxLength());
        if (config.packingStrategy() == Packing.Strategy.WRAPPED) {
            tellOf(cut.size(), tokens(cut));
        }
        return new TrainingData(rows.with(cut), data.eval());
    }

    private void tellOf(int packs, long tokens) {
        int length = config().maxLength();
        listener.message("%s of %d tokens, %.1f %% full"
                .formatted(Words.count(packs, "pack"), length, 100.0 * tokens / packs / length));
    }

    @Override
    public String size(TokenizedRankings data) {
        return config.packing() ? Words.count(data.report().kept(), "row") + " in packs" : PolicyTask.super.size(data);
    }

    @Override
    public List<List<TokenTree>> units(List<TokenTree> trees) {
        if (!config.packing() || config.packingStrategy() == Packing.Strategy.WRAPPED) {
            return PolicyTask.super.units(trees);
        }
        List<List<TokenTree>> packs = Packing.bestFit(trees, config().maxLength());
        tellOf(packs.size(), tokens(trees));
        return packs;
    }

    @Override
    public ModelFolder open(Path model) {
        return config.fromScratch() ? ModelFolder.openWithoutWeights(model) : PolicyTask.super.open(model);
    }

    @Override
    public CausalLm start(ModelFolder folder, Dtype dtype, boolean trainable) {
        return config.fromScratch()
                ? ModelLoader.fromScratch(folder, dtype, config().seed())
                : PolicyTask.super.start(folder, dtype, trainable);
    }

    @Override
    public CausalLm inTraining(CausalLm policy) {
        return config.neftuneNoiseAlpha().map(policy::noisy).orElse(policy);
    }

    @Override
    public Objective objective() {
        return config.objective();
    }

    @Override
    public StepMetrics metrics() {
        return new DemonstrationMetrics();
    }
}
