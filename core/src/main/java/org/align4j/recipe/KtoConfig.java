package org.align4j.recipe;

import org.align4j.config.Checked;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;
import org.align4j.objective.Unpaired;

/** Everything that training on labelled completions can be told. Names and defaults are TRL's. */
public record KtoConfig(
        @Keys TrainingConfig training,

        @Keys ReferenceConfig reference,

        @Keys TurnsConfig turns,

        @Key(value = "kto", doc = "the loss: KTO, BCO, or APO-zero without pairs")
        Unpaired.Kind lossType,

        @Key(value = "0.1", doc = "strength of the KL constraint to the reference")
        double beta,

        @Key(value = "1.0", doc = "weight of desirable completions")
        double desirableWeight,

        @Key(value = "1.0", doc = "weight of undesirable completions")
        double undesirableWeight)
        implements Checked {

    /** The keys. */
    public static final ConfigSchema<KtoConfig> SCHEMA = new ConfigSchema<>(KtoConfig.class);

    public KtoConfig {
        if (lossType == Unpaired.Kind.KTO) {
            TrainingConfig.require(
                    training.trainBatchSize() >= 2,
                    "train_batch_size",
                    training.trainBatchSize(),
                    "2 or more: KTO estimates its KL term from the completions of other rows of the batch");
        }
    }

    @Override
    public void check() {
        reference.checkWith(training);
        objective();
    }

    /** What is minimised. */
    public Unpaired objective() {
        return new Unpaired(lossType, beta, desirableWeight, undesirableWeight);
    }
}
