package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.MergeConfig;
import org.align4j.recipe.MergeRecipe;

/** {@code align4j merge}. */
final class MergeCommand implements Command {
    @Override
    public String name() {
        return "merge";
    }

    @Override
    public String summary() {
        return "Merge a LoRA adapter into its base model";
    }

    @Override
    public int run(List<String> args) {
        Optional<MergeConfig> config = CommandArguments.parse(this, MergeConfig.SCHEMA, args);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                MergeRecipe.run(config.get(), console);
                console.message("merged model: " + config.get().output());
            }
        }
        return 0;
    }
}
