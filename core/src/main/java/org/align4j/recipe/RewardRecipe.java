package org.align4j.recipe;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.Chats;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.ScoredReader;
import org.align4j.data.TokenTree;
import org.align4j.data.TreeBuilder;
import org.align4j.model.Pooling;
import org.align4j.model.ScoreHead;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.report.ReliabilityDiagram;
import org.align4j.text.Tokenizer;
import org.align4j.train.Bootstrap;
import org.align4j.train.HeadStep;
import org.align4j.train.RewardLoss;
import org.align4j.train.RewardStep;

/**
 * A reward model from a language model, or from an older reward model, and preferences. The result is what transformers
 * loads as {@code AutoModelForSequenceClassification} with one label. The loop is {@link HeadLoop}.
 */
public final class RewardRecipe implements HeadTask {
    private final RewardConfig config;
    private Objective objective;
    private Pooling pooling;
    private int heads;
    private int padId;

    private RewardRecipe(RewardConfig config) {
        this.config = config;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(RewardConfig config, RunListener listener) {
        return HeadLoop.run(new RewardRecipe(HubFiles.local(RewardConfig.SCHEMA, config, listener)), listener);
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
        boolean regression = config.lossType() == RewardConfig.LossType.MSE;
        boolean margins = config.lossType() == RewardConfig.LossType.BRADLEY_TERRY
                && config().data().stream().allMatch(file -> RankingReader.hasMargins(file, config().onBadRow()));
        objective = config.objective(margins);
        TreeBuilder builder =
                new TreeBuilder(tokenizer, config().maxLength(), config.longRows() == RewardConfig.LongRows.CUT);
        TrainingData.RowReader reader = regression
                ? (file, rows) -> ScoredReader.read(file, config().onBadRow(), chats, rows)
                : (file, rows) -> RankingReader.read(file, config().onBadRow(), chats, false, rows);
        TrainingData.Selection trees =
                regression ? (rows, wanted) -> builder.select(rows, wanted).uncompared() : builder::select;
        TrainingData data = TrainingData.load(
                config(),
                source -> new TrainingData.Reading(reader, 0).with(builder, listener),
                trees,
                trees,
                store,
                listener);
        if (objective.needs().contains(Need.SCORES) && !regression) {
            data.requireScores(
                    0,
                    config.marginCoef()
                            .map(coefficient -> "margin_coef " + coefficient)
                            .orElse("margin_coef, 1 by default as every row of data has a margin,"));
        }
        return data;
    }

    @Override
    public ScoreHead.Shape freshHead() {
        if (config().adapter().isPresent()) {
            try (AdapterFolder adapter = AdapterFolder.open(config().adapter().get())) {
                return adapter.head().orElseGet(this::configured);
            }
        }
        return configured();
    }

    private ScoreHead.Shape configured() {
        return config.pooling().orElse(Pooling.LAST) == Pooling.MEAN
                ? new ScoreHead.Shape(ScoreHead.Kind.TOKEN, 1)
                : new ScoreHead.Shape(ScoreHead.Kind.SEQUENCE, config.ensemble().orElse(1));
    }

    @Override
    public HeadInit headInit() {
        return config.headInit();
    }

    /** The padding token goes into the written config.json: transformers needs it to find the last token. */
    @Override
    public ModelWriter writer(ModelFolder folder, Tokenizer tokenizer) {
        ScoreHead head = ModelLoader.scoring(folder, freshHead());
        pooling = RewardKind.pooling(head, folder);
        heads = head.shape().labels();
        requireSame("pooling", config.pooling().orElse(pooling), pooling);
        requireSame("ensemble", config.ensemble().orElse(heads), heads);
        requireHeadInitOfNew(folder);
        padId = tokenizer.padId().orElseGet(tokenizer::eosId);
        return new ModelWriter(folder).scoring(head.shape(), padId, RewardKind.keys(head));
    }

    private void requireHeadInitOfNew(ModelFolder folder) {
        boolean there = ModelLoader.isScoring(folder) || config().adapter().isPresent();
        if (there && config.headInit() == HeadInit.ZERO) {
            throw AlignException.usage("head_init is zero, but " + folder.path()
                    + " or its adapter has a head, which is trained on; leave it out, or start from a language model");
        }
    }

    private static void requireSame(String key, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            throw AlignException.usage(key + " is " + wanted + ", but that of the reward model to start from is "
                    + found + "; leave it out, or start from a language model");
        }
    }

    @Override
    public HeadStep step(List<TokenTree> examples, boolean training) {
        Bootstrap bootstrap = training && heads > 1 ? new Bootstrap(true, config().seed()) : Bootstrap.OFF;
        boolean calibrated = !training && config.lossType() != RewardConfig.LossType.MSE;
        RewardLoss loss = new RewardLoss(objective, config.centerRewardsCoefficient(), examples.size(), bootstrap);
        return new RewardStep(pooling, padId, loss, calibrated);
    }

    @Override
    public void show(HeadStep evaluation, Path folder) {
        ((RewardStep) evaluation)
                .calibration()
                .ifPresent(calibration -> AtomicFiles.write(
                        folder.resolve(RunFolder.CALIBRATION),
                        ReliabilityDiagram.svg(calibration).getBytes(StandardCharsets.UTF_8)));
    }
}
