package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.ScoreConfig;
import org.align4j.recipe.ScoreRecipe;

/** {@code align4j score}. */
final class ScoreCommand implements Command {
    @Override
    public String name() {
        return "score";
    }

    @Override
    public String summary() {
        return "Score and rank completions with the implicit reward of a model, or with a reward model";
    }

    @Override
    public int run(List<String> args) {
        Optional<ScoreConfig> config = CommandArguments.parse(this, ScoreConfig.SCHEMA, args);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                ScoreRecipe.run(config.get(), System.out, console);
            }
        }
        return 0;
    }
}
