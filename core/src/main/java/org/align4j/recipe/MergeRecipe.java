package org.align4j.recipe;

import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.tensor.Dtype;

/** Adds an adapter to the weights of its base and writes the sum as a plain Hugging Face folder. */
public final class MergeRecipe {
    private MergeRecipe() {}

    /** The output folder is there whole or not at all. The sum is computed in float32. */
    public static void run(MergeConfig named, RunListener listener) {
        MergeConfig config = HubFiles.local(MergeConfig.SCHEMA, named, listener);
        try (ModelFolder folder = ModelFolder.open(config.model());
                AdapterFolder adapter = AdapterFolder.open(config.adapter());
                CausalLm model = ModelLoader.load(folder, Dtype.F32, false);
                Lora lora = adapter.load(model.architecture(), Dtype.F32, false)) {
            lora.mergeInto(model.parameters());
            ModelWriter writer = new ModelWriter(folder);
            AtomicFiles.writeFolder(
                    config.output(),
                    target -> writer.write(target, model, config.saveDtype().dtype()));
        }
    }
}
