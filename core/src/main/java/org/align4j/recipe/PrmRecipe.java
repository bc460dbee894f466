package org.align4j.recipe;

import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.Chats;
import org.align4j.data.RowStore;
import org.align4j.data.SolutionReader;
import org.align4j.data.SolutionTrees;
import org.align4j.data.TokenTree;
import org.align4j.model.ScoreHead;
import org.align4j.text.Tokenizer;
import org.align4j.train.HeadStep;
import org.align4j.train.PrmStep;

/**
 * A process reward model, which judges every step of a solution, from a language model, or from an older one, and solutions
 * whose steps are labelled. The result is what transformers loads as {@code AutoModelForTokenClassification} with two
 * labels. The loop is {@link HeadLoop}.
 */
public final class PrmRecipe implements HeadTask {
    static final ScoreHead.Shape HEAD = new ScoreHead.Shape(ScoreHead.Kind.TOKEN, 2);

    private final PrmConfig config;

    private PrmRecipe(PrmConfig config) {
        this.config = config;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(PrmConfig config, RunListener listener) {
        return HeadLoop.run(new PrmRecipe(HubFiles.local(PrmConfig.SCHEMA, config, listener)), listener);
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return PrmConfig.SCHEMA.toMap(config);
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        SolutionTrees all = trees(tokenizer, false);
        return TrainingData.load(
                config(),
                source -> (file, rows) -> SolutionReader.read(
                        file, config().onBadRow(), true, solution -> rows.add(all.tokenize(solution))),
                trees(tokenizer, config.trainOnLastStepOnly())::select,
                all::select,
                store,
                listener);
    }

    private SolutionTrees trees(Tokenizer tokenizer, boolean lastOnly) {
        return new SolutionTrees(
                tokenizer,
                PrmConfig.separator(config.stepSeparator()),
                config.maxCompletionLength().orElse(Integer.MAX_VALUE),
                config().maxLength(),
                lastOnly,
                true);
    }

    @Override
    public ScoreHead.Shape freshHead() {
        return HEAD;
    }

    @Override
    public HeadInit headInit() {
        return config.headInit();
    }

    @Override
    public ModelWriter writer(ModelFolder folder, Tokenizer tokenizer) {
        ScoreHead head = ModelLoader.scoring(folder, HEAD);
        if (!RewardKind.ofSteps(head)) {
            throw AlignException.badInput(
                    folder.path() + ": is a reward model of whole completions, expected one of steps"
                            + " or a language model; take another model");
        }
        int padId = tokenizer.padId().orElseGet(tokenizer::eosId);
        return new ModelWriter(folder)
                .scoring(HEAD, padId, Map.of(RewardKind.STEP_SEPARATOR, PrmConfig.separator(config.stepSeparator())));
    }

    @Override
    public HeadStep step(List<TokenTree> examples, boolean training) {
        return new PrmStep(examples);
    }
}
