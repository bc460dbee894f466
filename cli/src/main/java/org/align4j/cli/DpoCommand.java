package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.DpoRecipe;
import org.align4j.recipe.RunResult;

/** {@code align4j dpo}. */
final class DpoCommand implements Command {
    @Override
    public String name() {
        return "dpo";
    }

    @Override
    public String summary() {
        return "Align a model with human preferences: Direct Preference Optimization";
    }

    @Override
    public int run(List<String> args) {
        Optional<DpoConfig> config = CommandArguments.parse(this, DpoConfig.SCHEMA, args);
        if (config.isEmpty()) {
            return 0;
        }
        try (Console console = new Console()) {
            RunResult result = DpoRecipe.run(config.get(), console);
            console.finish();
            Summary.print(result, config.get().training(), console);
            return result.finished() ? 0 : console.exitCode();
        }
    }
}
