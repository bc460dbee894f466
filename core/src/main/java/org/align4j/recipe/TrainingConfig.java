package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.data.OnBadRow;
import org.align4j.model.FourBit;
import org.align4j.model.FourBitType;
import org.align4j.train.Schedule;

/** What every command that trains can be told. Names and defaults are TRL's where TRL has them. */
public record TrainingConfig(
        @Key(doc = "folder of the Hugging Face model, or the GGUF file, to train", required = true, hub = HubUse.MODEL)
        Path model,

        @Key(
                doc =
                        "rows to train on: a file (JSONL, JSON, CSV, TSV, Parquet; also .gz, .zst), a folder or a pattern, or"
                                + " several sources with commas between",
                required = true,
                hub = HubUse.TRAIN_DATA)
        List<Path> data,

        @Key(
                doc =
                        "how often an epoch sees each row of a source, one number for each: 1 once, 0.5 a random half of them,"
                                + " 2 twice; 500rows: so many rows in all")
        Optional<String> dataWeights,

        @Key(doc = "folder to write: the trained model, metrics.jsonl, checkpoints", required = true)
        Path output,

        @Key(doc = "rows to evaluate on, never trained on", hub = HubUse.EVAL_DATA)
        List<Path> evalData,

        @Key(value = "0", doc = "hold out this part of the data for evaluation: a share below 1, or a number of rows")
        double evalSplit,

        @Key(value = "0", doc = "evaluate every so many steps; 0: only before the first and after the last step")
        int evalSteps,

        @Key(value = "fail", doc = "what to do with a broken row: stop, or count it and go on")
        OnBadRow onBadRow,

        @Key(
                value = "1024",
                doc =
                        "tokens of prompt + completion at most; longer completions are cut at the end (reward: see long_rows)")
        int maxLength,

        @Key(
                doc =
                        "chat template in the place of the model's own: a file, a folder, the template itself, or the name of another of"
                                + " the model's; the written model has it, too")
        Optional<String> chatTemplate,

        @Key(value = "auto", doc = "type to compute in; auto takes bf16 where the processor multiplies it natively")
        ComputeType dtype,

        @Key(value = "float32", doc = "type of the written weights; bf16 is half the size and rounds")
        SaveType saveDtype,

        @Key(value = "false", doc = "train a LoRA adapter and leave the model frozen; the output is a PEFT folder")
        boolean usePeft,

        @Key(value = "16", needs = "use_peft", doc = "rank of the adapter's matrices")
        int loraR,

        @Key(value = "32", needs = "use_peft", doc = "the adapter is scaled by lora_alpha / lora_r")
        int loraAlpha,

        @Key(
                value = "0.05",
                needs = "use_peft",
                doc = "share of an adapted layer's inputs that the adapter does not see in training")
        double loraDropout,

        @Key(
                needs = "use_peft",
                doc = "layers to adapt: names, separated by commas, or all-linear; by default q_proj,v_proj"
                        + " (GPT-2: c_attn, GPT-NeoX: query_key_value)")
        Optional<String> loraTargetModules,

        @Key(value = "false", needs = "use_peft", doc = "scale the adapter by lora_alpha / √lora_r")
        boolean useRslora,

        @Key(
                doc =
                        "folder of a LoRA adapter to go on training, with use_peft; its own settings replace the lora_ keys",
                hub = HubUse.ADAPTER)
        Optional<Path> adapter,

        @Key(
                value = "false",
                doc =
                        "hold the linear layers of the frozen model in 4 bits, with use_peft (QLoRA); computes each block twice")
        boolean loadIn4bit,

        @Key(value = "nf4", needs = "load_in_4bit", doc = "what the 4 bits stand for")
        FourBitType bnb4bitQuantType,

        @Key(
                value = "false",
                needs = "load_in_4bit",
                doc = "hold the scales of the 4 bits in 8 bits (double quantisation)")
        boolean useBnbNestedQuant,

        @Key(value = "8", doc = "examples of one optimizer step")
        int trainBatchSize,

        @Key(value = "2048", doc = "tokens computed at once: bounds memory, does not change the result")
        int tokensPerMicrobatch,

        @Key(value = "1e-6", doc = "peak learning rate of AdamW")
        double learningRate,

        @Key(value = "linear", doc = "learning rate after the warm-up")
        Schedule.Kind lrSchedulerType,

        @Key(value = "0", doc = "steps of linear warm-up") int warmupSteps,

        @Key(value = "0", doc = "warm-up as a share of all steps, where warmup_steps is 0")
        double warmupRatio,

        @Key(value = "0", doc = "decoupled weight decay") double weightDecay,

        @Key(value = "0.9", doc = "AdamW's β₁") double adamBeta1,

        @Key(value = "0.999", doc = "AdamW's β₂") double adamBeta2,

        @Key(value = "1e-8", doc = "AdamW's ε") double adamEpsilon,

        @Key(value = "1.0", doc = "clip gradients to this norm; 0: no clipping")
        double maxGradNorm,

        @Key(value = "3", doc = "passes over the data") double numTrainEpochs,

        @Key(value = "-1", doc = "stop after so many steps, whatever the epochs; -1: no limit")
        int maxSteps,

        @Key(value = "true", doc = "a new random order of rows in every epoch; false: file order")
        boolean shuffle,

        @Key(value = "42", doc = "seed of everything random")
        long seed,

        @Key(value = "500", doc = "write a checkpoint every so many steps; 0: none but the one after Ctrl-C")
        int saveSteps,

        @Key(value = "2", doc = "keep so many checkpoints, the oldest go; 0: keep all")
        int saveTotalLimit,

        @Key(value = "false", doc = "go on from the last checkpoint in the output folder, or start if there is none")
        boolean resume,

        @Key(value = "false", doc = "replace a finished or stopped run in the output folder")
        boolean overwrite) {

    public TrainingConfig {
        require(evalSplit >= 0, "eval_split", evalSplit, "a share below 1 or a number of rows");
        require(evalSplit < 1 || evalSplit == Math.rint(evalSplit), "eval_split", evalSplit, "a whole number of rows");
        if (evalSplit > 0 && !evalData.isEmpty()) {
            throw AlignException.usage("eval_data and eval_split are both given; choose one");
        }
        SourceWeight.of(dataWeights, data.size());
        require(evalSteps >= 0, "eval_steps", evalSteps, "0 or more");
        require(maxLength >= 2, "max_length", maxLength, "2 or more");
        require(trainBatchSize >= 1, "train_batch_size", trainBatchSize, "1 or more");
        require(tokensPerMicrobatch >= 1, "tokens_per_microbatch", tokensPerMicrobatch, "1 or more");
        require(loraR >= 1, "lora_r", loraR, "1 or more");
        require(loraAlpha >= 1, "lora_alpha", loraAlpha, "1 or more");
        require(loraDropout >= 0 && loraDropout < 1, "lora_dropout", loraDropout, "0 or more, below 1");
        if (adapter.isPresent() && !usePeft) {
            throw AlignException.usage("adapter is given without use_peft; add --use-peft to go on training it");
        }
        if (loadIn4bit && !usePeft) {
            throw AlignException.usage(
                    "load_in_4bit is given without use_peft, but weights of 4 bits cannot be trained;"
                            + " add --use-peft to train an adapter over them");
        }
        require(learningRate >= 0 && learningRate < 1e6, "learning_rate", learningRate, "0 or more, usually 1e-6");
        require(warmupSteps >= 0, "warmup_steps", warmupSteps, "0 or more");
        require(warmupRatio >= 0 && warmupRatio <= 1, "warmup_ratio", warmupRatio, "0 to 1");
        require(weightDecay >= 0, "weight_decay", weightDecay, "0 or more");
        require(adamBeta1 >= 0 && adamBeta1 < 1, "adam_beta1", adamBeta1, "0 or more, below 1");
        require(adamBeta2 >= 0 && adamBeta2 < 1, "adam_beta2", adamBeta2, "0 or more, below 1");
        require(adamEpsilon > 0, "adam_epsilon", adamEpsilon, "above 0");
        require(maxGradNorm >= 0, "max_grad_norm", maxGradNorm, "0 (no clipping) or more");
        require(numTrainEpochs > 0 && numTrainEpochs < 1e6, "num_train_epochs", numTrainEpochs, "above 0");
        require(maxSteps == -1 || maxSteps >= 1, "max_steps", maxSteps, "1 or more, or -1 for no limit");
        require(saveSteps >= 0, "save_steps", saveSteps, "0 or more");
        require(saveTotalLimit >= 0, "save_total_limit", saveTotalLimit, "0 (all) or more");
        if (resume && overwrite) {
            throw AlignException.usage("resume and overwrite are both given; choose one");
        }
    }

    /** How the frozen model under an adapter lies in memory, if in four bits. */
    Optional<FourBit> fourBit() {
        return loadIn4bit ? Optional.of(new FourBit(bnb4bitQuantType, useBnbNestedQuant)) : Optional.empty();
    }

    static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw AlignException.usage(key + " is " + value + ", expected " + expected);
        }
    }
}
