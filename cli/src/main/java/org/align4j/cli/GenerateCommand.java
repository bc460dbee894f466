package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.GenerateConfig;
import org.align4j.recipe.GenerateRecipe;

/** {@code align4j generate}. */
final class GenerateCommand implements Command {
    @Override
    public String name() {
        return "generate";
    }

    @Override
    public String summary() {
        return "Sample completions of prompts";
    }

    @Override
    public int run(List<String> args) {
        Optional<GenerateConfig> config = CommandArguments.parse(this, GenerateConfig.SCHEMA, args);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                GenerateRecipe.run(config.get(), System.out, console);
            }
        }
        return 0;
    }
}
