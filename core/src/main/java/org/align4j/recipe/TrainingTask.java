package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.Words;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.Chats;
import org.align4j.data.RowStore;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TrainedTurns;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import org.align4j.train.BatchPlan;

/** What one kind of training has of its own: its data, and where need be its model. {@link TrainingRun} does the rest. */
interface TrainingTask {
    TrainingConfig config();

    /** Every key of the command with its value. */
    Map<String, Object> settings();

    /** Which parts of conversations are trained on. */
    default TrainedTurns turns() {
        return TrainedTurns.ALL;
    }

    /**
     * Reads and tokenizes.
     *
     * @param store for the tokenized rows, open as long as the run is
     */
    TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener);

    /** Settings of the reference model, where the loss compares with one. */
    default Optional<ReferenceConfig> reference() {
        return Optional.empty();
    }

    /** What counts as one example of a batch: a tree, or several that belong together. */
    default List<List<TokenTree>> units(List<TokenTree> trees) {
        return BatchPlan.single(trees);
    }

    /** How much there is to train on, in words. */
    default String size(TokenizedRankings data) {
        return Words.count(data.trees().size(), "example");
    }

    /** Units of one optimizer step. */
    default int unitsPerStep() {
        return config().trainBatchSize();
    }

    /** Tokens of a batch, as TRL counts them. */
    default long tokens(List<TokenTree> batch) {
        long tokens = 0;
        for (TokenTree tree : batch) {
            tokens += tree.plainTokens();
        }
        return tokens;
    }

    /** Opens the folder of the model that training starts from. */
    default ModelFolder open(Path model) {
        return ModelFolder.open(model);
    }

    /** What the model of a folder is here. */
    default Architecture architecture(ModelFolder folder) {
        return ModelLoader.architecture(folder);
    }

    /** The model that training starts from. */
    default CausalLm start(ModelFolder folder, Dtype dtype, boolean trainable) {
        return load(folder, dtype, trainable);
    }

    /** A model that was written before. */
    default CausalLm load(ModelFolder folder, Dtype dtype, boolean trainable) {
        return ModelLoader.load(folder, dtype, trainable, config().fourBit());
    }

    /** The model as it is trained, where that differs. */
    default CausalLm inTraining(CausalLm policy) {
        return policy;
    }

    /** What writes the trained model. */
    default ModelWriter writer(ModelFolder folder, Tokenizer tokenizer) {
        return new ModelWriter(folder);
    }
}
