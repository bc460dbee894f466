package org.align4j.recipe;

import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;
import org.align4j.data.Packing;
import org.align4j.objective.Dft;
import org.align4j.objective.Nll;
import org.align4j.objective.Objective;

/** Everything that supervised fine-tuning can be told. */
public record SftConfig(
        @Keys(defaults = "learning_rate=2e-5") TrainingConfig training,

        @Keys TurnsConfig turns,

        @Key(
                value = "nll",
                doc =
                        "nll: every token counts alike; nll_sum: the sum of a row's tokens, as the DPO authors' code; dft: every"
                                + " token weighed by its own probability")
        LossType lossType,

        @Key(value = "true", doc = "leave a prompt that has a column of its own out of the loss")
        boolean completionOnlyLoss,

        @Key(
                value = "false",
                doc = "steps of train_batch_size packs of up to max_length tokens instead of so many rows")
        boolean packing,

        @Key(
                value = "bfd",
                doc =
                        "bfd: whole rows, longest first; bfd_split: the same, long rows cut; wrapped: all rows end to end")
        Packing.Strategy packingStrategy,

        @Key(doc = "NEFTune: uniform noise of this over √(tokens · width) on the embeddings, in training; 5 is usual")
        Optional<Double> neftuneNoiseAlpha,

        @Key(
                value = "false",
                doc = "begin with random weights: of the model only config.json and the tokenizer are needed")
        boolean fromScratch) {

    /** The keys. */
    public static final ConfigSchema<SftConfig> SCHEMA = new ConfigSchema<>(SftConfig.class);

    /** What is minimised. */
    public enum LossType {
        NLL,
        NLL_SUM,
        DFT
    }

    public SftConfig {
        if (neftuneNoiseAlpha.isPresent()) {
            TrainingConfig.require(
                    neftuneNoiseAlpha.get() > 0, "neftune_noise_alpha", neftuneNoiseAlpha.get(), "above 0, usually 5");
        }
        if (fromScratch && training.usePeft()) {
            throw AlignException.usage(
                    "from_scratch and use_peft are both given, but an adapter needs a trained model;" + " choose one");
        }
        if (!packing && packingStrategy != Packing.Strategy.BFD) {
            throw AlignException.usage("packing_strategy is given without packing; add --packing");
        }
    }

    /** What is minimised. */
    public Objective objective() {
        return switch (lossType) {
            case NLL -> new Nll(1, Nll.Mean.TOKENS, false);
            case NLL_SUM -> new Nll(1, Nll.Mean.SUMS, false);
            case DFT -> new Dft();
        };
    }

    /** Whether rows may be longer than a pack. */
    boolean cutsRows() {
        return packing && packingStrategy != Packing.Strategy.BFD;
    }
}
