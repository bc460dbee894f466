package org.align4j.recipe;

import java.nio.file.Path;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.GgufExport;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.hub.HubName;
import org.align4j.hub.RepoKind;
import org.align4j.text.ChatTemplate;

/** Writes a model as the GGUF file that llama.cpp and Ollama load, with its tokenizer and chat template. */
public final class ExportRecipe {
    private ExportRecipe() {}

    /** The file is there whole or not at all. */
    public static void run(ExportConfig named, RunListener listener) {
        ExportConfig config = HubFiles.local(ExportConfig.SCHEMA, named, listener);
        if (AdapterFolder.isOne(config.model())) {
            throw AlignException.usage(config.model()
                    + ": is the folder of an adapter, expected that of a model; join it"
                    + " with its base first: align4j merge --model BASE --adapter " + config.model() + " --output DIR");
        }
        try (ModelFolder folder = ModelFolder.open(config.model())) {
            GgufExport.write(
                    folder,
                    name(named.model()),
                    ChatTemplate.sources(config.model()),
                    config.type().stored(),
                    config.output());
        }
    }

    /** What the file calls the model. */
    private static String name(Path model) {
        if (HubName.isOne(model)) {
            return HubName.parse(model, RepoKind.MODEL).name();
        }
        Path last = model.toAbsolutePath().normalize().getFileName();
        return last == null ? "model" : last.toString();
    }
}
