package org.align4j.recipe;

import java.util.Optional;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;

/** Everything that training a process reward model can be told. Names and defaults are those of TRL's PRMConfig. */
public record PrmConfig(
        @Keys(defaults = "learning_rate=1e-5") TrainingConfig training,

        @Key(value = "\\n", doc = "what is put after each step; \\n is a new line")
        String stepSeparator,

        @Key(doc = "tokens of all steps together at most; longer ones are cut at the end")
        Optional<Integer> maxCompletionLength,

        @Key(value = "false", doc = "learn from the label of the last step alone; evaluation has them all")
        boolean trainOnLastStepOnly,

        @Key(
                value = "normal",
                doc =
                        "a new head's weights, where the model is a language model: zero, or drawn as wide as the model's own")
        HeadInit headInit) {

    /** The keys. */
    public static final ConfigSchema<PrmConfig> SCHEMA = new ConfigSchema<>(PrmConfig.class);

    public PrmConfig {
        TrainingConfig.require(!stepSeparator.isEmpty(), "step_separator", "empty", "some text");
        TrainingConfig.require(
                maxCompletionLength.orElse(1) >= 1,
                "max_completion_length",
                maxCompletionLength.orElse(1),
                "1 or more");
    }

    /** The separator itself: {@code \n} stands for a new line. */
    static String separator(String written) {
        return written.replace("\\n", "\n");
    }
}
