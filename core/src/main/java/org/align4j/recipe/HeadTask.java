package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.TokenTree;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.train.HeadStep;

/** A training of a model whose head says a few numbers in place of a vocabulary. */
interface HeadTask extends TrainingTask {
    /** The width of a new head where config.json has no {@code initializer_range}: transformers' default. */
    double INITIALIZER_RANGE = 0.02;

    /** What a language model gets in place of its vocabulary; a reward model keeps what it has. */
    ScoreHead.Shape freshHead();

    HeadInit headInit();

    /**
     * Empty sums for an optimizer step or an evaluation.
     *
     * @param examples all that will be added
     * @param training whether it is a step
     */
    HeadStep step(List<TokenTree> examples, boolean training);

    /** Writes what an evaluation has to show besides its metrics. */
    default void show(HeadStep evaluation, Path folder) {}

    @Override
    default Architecture architecture(ModelFolder folder) {
        return ModelLoader.scoring(folder, freshHead());
    }

    @Override
    default CausalLm load(ModelFolder folder, Dtype dtype, boolean trainable) {
        double range = folder.config().path("initializer_range").asDouble(INITIALIZER_RANGE);
        double width = headInit() == HeadInit.ZERO ? 0 : range;
        return ModelLoader.loadScoring(
                folder,
                dtype,
                trainable,
                config().fourBit(),
                new ModelLoader.FreshHead(freshHead(), width, config().seed()));
    }
}
