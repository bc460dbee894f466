package org.align4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.recipe.ExportConfig;
import org.align4j.recipe.ExportRecipe;

/** {@code align4j export gguf}. */
final class ExportCommand implements Command {
    private static final String GGUF = "gguf";

    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "export gguf: write a model as one file for llama.cpp and Ollama";
    }

    @Override
    public int run(List<String> args) {
        List<String> keys = new ArrayList<>(args);
        if (!List.of("--help", "-h").contains(args.isEmpty() ? "" : args.get(0))) {
            if (args.isEmpty() || !args.get(0).equals(GGUF)) {
                throw AlignException.usage("export " + (args.isEmpty() ? "" : args.get(0)).strip()
                        + ": expected export gguf --model DIR --output FILE; see align4j export --help");
            }
            keys.remove(0);
        }
        Optional<ExportConfig> config = CommandArguments.parse(this, ExportConfig.SCHEMA, keys);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                ExportRecipe.run(config.get(), console);
                console.message("%s: %,d bytes"
                        .formatted(config.get().output(), size(config.get().output())));
            }
        }
        return 0;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw AlignException.failure(file + ": was written and cannot be read: " + e.getMessage(), e);
        }
    }
}
