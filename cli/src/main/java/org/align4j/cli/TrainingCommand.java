package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.align4j.config.ConfigSchema;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.DpoRecipe;
import org.align4j.recipe.KtoConfig;
import org.align4j.recipe.KtoRecipe;
import org.align4j.recipe.PrmConfig;
import org.align4j.recipe.PrmRecipe;
import org.align4j.recipe.RewardConfig;
import org.align4j.recipe.RewardRecipe;
import org.align4j.recipe.RunListener;
import org.align4j.recipe.RunResult;
import org.align4j.recipe.SftConfig;
import org.align4j.recipe.SftRecipe;
import org.align4j.recipe.TrainingConfig;

/**
 * The commands that train: {@code sft}, {@code dpo}, {@code orpo}, {@code kto}, {@code reward}, {@code prm}.
 *
 * @param schema asked for when the command is named, not before
 */
record TrainingCommand<T extends Record>(
        String name,
        String summary,
        Supplier<ConfigSchema<T>> schema,
        BiFunction<T, RunListener, RunResult> recipe,
        Function<T, TrainingConfig> training)
        implements Command {

    static TrainingCommand<SftConfig> sft() {
        return new TrainingCommand<>(
                "sft",
                "Train a model to write like demonstrations: supervised fine-tuning",
                () -> SftConfig.SCHEMA,
                (config, listener) -> SftRecipe.run(config, listener),
                config -> config.training());
    }

    static TrainingCommand<DpoConfig> dpo() {
        return dpo(
                "dpo", "Align a model with human preferences: Direct Preference Optimization", () -> DpoConfig.SCHEMA);
    }

    static TrainingCommand<DpoConfig> orpo() {
        return dpo("orpo", "Align a model without a reference: dpo with loss_type orpo", () -> DpoConfig.ORPO);
    }

    private static TrainingCommand<DpoConfig> dpo(
            String name, String summary, Supplier<ConfigSchema<DpoConfig>> schema) {
        return new TrainingCommand<>(
                name,
                summary,
                schema,
                (config, listener) -> DpoRecipe.run(config, listener),
                config -> config.training());
    }

    static TrainingCommand<KtoConfig> kto() {
        return new TrainingCommand<>(
                "kto",
                "Align a model with completions called good or bad, without pairs: KTO, BCO",
                () -> KtoConfig.SCHEMA,
                (config, listener) -> KtoRecipe.run(config, listener),
                config -> config.training());
    }

    static TrainingCommand<RewardConfig> reward() {
        return new TrainingCommand<>(
                "reward",
                "Train a reward model on preferences or scores: Bradley–Terry, best of N, Plackett–Luce, regression",
                () -> RewardConfig.SCHEMA,
                (config, listener) -> RewardRecipe.run(config, listener),
                config -> config.training());
    }

    static TrainingCommand<PrmConfig> prm() {
        return new TrainingCommand<>(
                "prm",
                "Train a process reward model on solutions whose steps are labelled",
                () -> PrmConfig.SCHEMA,
                (config, listener) -> PrmRecipe.run(config, listener),
                config -> config.training());
    }

    @Override
    public int run(List<String> args) {
        Optional<T> config = CommandArguments.parse(this, schema.get(), args);
        if (config.isEmpty()) {
            return 0;
        }
        try (Console console = new Console()) {
            RunResult result = recipe.apply(config.get(), console);
            console.finish();
            Summary.print(result, training.apply(config.get()), console);
            return result.finished() ? 0 : console.exitCode();
        }
    }
}
