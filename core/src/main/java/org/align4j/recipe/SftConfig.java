package org.align4j.recipe;

import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;

/** Everything that supervised fine-tuning can be told. */
public record SftConfig(
        @Keys(defaults = "learning_rate=2e-5") TrainingConfig training,

        @Keys TurnsConfig turns,

        @Key(value = "nll", doc = "nll: every token counts alike; dft: weighed by its own probability")
        LossType lossType,

        @Key(value = "true", doc = "leave a prompt that has a column of its own out of the loss")
        boolean completionOnlyLoss) {

    /** The keys. */
    public static final ConfigSchema<SftConfig> SCHEMA = new ConfigSchema<>(SftConfig.class);

    /** What is minimised. */
    public enum LossType {
        NLL,
        DFT
    }
}
