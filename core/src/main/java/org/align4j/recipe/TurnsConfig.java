package org.align4j.recipe;

import org.align4j.AlignException;
import org.align4j.config.Key;
import org.align4j.data.TrainedTurns;

/** Which messages of a conversation a command may be told to train on. */
public record TurnsConfig(
        @Key(value = "false", doc = "in conversations train on the assistant's messages only")
        boolean assistantOnlyLoss,

        @Key(value = "false", doc = "with assistant_only_loss: only on the last of them")
        boolean maskHistory) {

    public TurnsConfig {
        if (maskHistory && !assistantOnlyLoss) {
            throw AlignException.usage("mask_history is given without assistant_only_loss; add --assistant-only-loss");
        }
    }

    TrainedTurns turns() {
        if (!assistantOnlyLoss) {
            return TrainedTurns.ALL;
        }
        return maskHistory ? TrainedTurns.LAST_ASSISTANT : TrainedTurns.ASSISTANT;
    }
}
