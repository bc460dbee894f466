package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.data.OnBadRow;

/** What {@code align4j score} can be told. */
public record ScoreConfig(
        @Key(
                doc =
                        "folder of the Hugging Face model that scores, or its GGUF file, or folder of an adapter that names its base",
                hub = HubUse.MODEL)
        Optional<Path> model,

        @Key(
                doc = "in its place the folder of a reward model (sequence classification), of a process reward model"
                        + " (token classification), or of an adapter of one that names its base; several reward models"
                        + " make an ensemble",
                hub = HubUse.MODEL,
                repeatable = true)
        List<Path> rewardModel,

        @Key(doc = "folder of a LoRA adapter over the one model", hub = HubUse.ADAPTER)
        Optional<Path> adapter,

        @Key(
                doc =
                        "folder or GGUF file of the reference model; without one, reference_logp is null and reward = beta × logp",
                hub = HubUse.MODEL)
        Optional<Path> reference,

        @Key(
                doc = "rankings or pairs, as for dpo, or a prompt with one completion or more (solutions in steps for a"
                        + " process reward model): a file, a folder or a pattern",
                required = true,
                hub = HubUse.ANY_DATA)
        Path data,

        @Key(doc = "file to write; standard output by default")
        Optional<Path> output,

        @Key(value = "0.1", needs = "model", doc = "reward = beta × (logp − reference_logp)")
        double beta,

        @Key(
                needs = "reward_model",
                doc = "what ends a step for a process reward model; by default what it was trained with, or a new line")
        Optional<String> stepSeparator,

        @Key(
                doc =
                        "chat template in the place of the model's own: a file, a folder, the template itself, or the name of another of"
                                + " the model's")
        Optional<String> chatTemplate,

        @Key(value = "1024", doc = "tokens of prompt + completion at most; longer completions are cut at the end")
        int maxLength,

        @Key(value = "fail", doc = "what to do with a broken row: stop, or count it and go on")
        OnBadRow onBadRow,

        @Key(value = "float32", doc = "type to compute in; auto takes bf16 where the processor multiplies it natively")
        ComputeType dtype,

        @Key(value = "4096", doc = "tokens computed at once: bounds memory")
        int tokensPerMicrobatch) {

    /** The keys. */
    public static final ConfigSchema<ScoreConfig> SCHEMA = new ConfigSchema<>(ScoreConfig.class);

    public ScoreConfig {
        if (model.isPresent() != rewardModel.isEmpty()) {
            throw AlignException.usage(
                    (model.isPresent() ? "model and reward_model are both given" : "missing --model or --reward-model")
                            + "; name the one that is to score");
        }
        if (rewardModel.size() > 1 && adapter.isPresent()) {
            throw AlignException.usage("adapter is given beside " + rewardModel.size()
                    + " reward models; name the folders of adapters as reward models, they name their bases");
        }
        if (!rewardModel.isEmpty() && reference.isPresent()) {
            throw AlignException.usage("reference is given, but a reward model needs none; leave it out");
        }
        if (!(beta > 0) || Double.isInfinite(beta)) {
            throw AlignException.usage("beta is " + beta + ", expected a number above 0, usually 0.1");
        }
        if (tokensPerMicrobatch < 1) {
            throw AlignException.usage("tokens_per_microbatch is " + tokensPerMicrobatch + ", expected 1 or more");
        }
    }
}
