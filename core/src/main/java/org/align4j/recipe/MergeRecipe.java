package org.align4j.recipe;

import java.util.Optional;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;

/** Adds an adapter to the weights of its base and writes the sum as a plain Hugging Face folder. */
public final class MergeRecipe {
    private MergeRecipe() {}

    /** The output folder is there whole or not at all. The sum is computed in float32. */
    public static void run(MergeConfig named, RunListener listener) {
        MergeConfig config = HubFiles.local(MergeConfig.SCHEMA, named, listener);
        try (ModelFolder folder = ModelFolder.open(config.model());
                AdapterFolder adapter = AdapterFolder.open(config.adapter());
                CausalLm model = load(folder, adapter);
                Lora lora = adapter.load(model.architecture(), Dtype.F32, false)) {
            lora.mergeInto(model.parameters());
            ModelWriter writer = writer(folder, model);
            AtomicFiles.writeFolder(
                    config.output(),
                    target -> writer.write(target, model, config.saveDtype().dtype()));
        }
    }

    /** The base: a language model, unless it or the adapter has the head of a reward model. */
    private static CausalLm load(ModelFolder folder, AdapterFolder adapter) {
        Optional<ScoreHead.Shape> head = adapter.head();
        return head.isPresent() || ModelLoader.isScoring(folder)
                ? ModelLoader.loadScoring(
                        folder, Dtype.F32, false, new ModelLoader.FreshHead(head.orElse(ScoreHead.Shape.REWARD), 0, 0))
                : ModelLoader.load(folder, Dtype.F32, false);
    }

    /** A language model that got a head becomes a reward model. */
    private static ModelWriter writer(ModelFolder folder, CausalLm model) {
        ModelWriter writer = new ModelWriter(folder);
        if (!(model.architecture() instanceof ScoreHead head) || ModelLoader.isScoring(folder)) {
            return writer;
        }
        try (Tokenizer tokenizer = Tokenizer.load(folder.path())) {
            int padId = tokenizer.padId().orElseGet(tokenizer::eosId);
            return writer.scoring(head.shape(), padId, RewardKind.keys(head));
        }
    }
}
