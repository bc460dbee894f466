package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.TemplateConfig;
import org.align4j.recipe.TemplateRecipe;

/** {@code align4j template}. */
final class TemplateCommand implements Command {
    @Override
    public String name() {
        return "template";
    }

    @Override
    public String summary() {
        return "Write a conversation as a model's chat template does";
    }

    @Override
    public int run(List<String> args) {
        Optional<TemplateConfig> config = CommandArguments.parse(this, TemplateConfig.SCHEMA, args);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                TemplateRecipe.run(config.get(), System.out, System.err, console);
            }
        }
        return 0;
    }
}
