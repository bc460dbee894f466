package org.align4j.recipe;

import org.align4j.checkpoint.GgufExport;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.text.ChatTemplate;

/** Writes a model as the GGUF file that llama.cpp and Ollama load, with its tokenizer and chat template. */
public final class ExportRecipe {
    private ExportRecipe() {}

    /** The file is there whole or not at all. */
    public static void run(ExportConfig config) {
        try (ModelFolder folder = ModelFolder.open(config.model())) {
            GgufExport.write(
                    folder, ChatTemplate.sources(config.model()), config.type().stored(), config.output());
        }
    }
}
