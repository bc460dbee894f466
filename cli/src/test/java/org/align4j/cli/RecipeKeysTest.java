package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.align4j.config.Setting;
import org.align4j.model.FourBitType;
import org.align4j.recipe.ComputeType;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.GenerateConfig;
import org.align4j.recipe.ScoreConfig;
import org.align4j.recipe.SftConfig;
import org.align4j.recipe.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recipes as people have them, written for this test. */
class RecipeKeysTest {
    private static final String RECIPE = """
            model_name_or_path: base
            torch_dtype: null
            dataset_mixture:
              datasets:
                - id: owner/name
                  columns: [chosen, rejected]
            bf16: true
            beta: 0.01
            gradient_accumulation_steps: 2
            gradient_checkpointing_kwargs:
              use_reentrant: False
            hub_model_id: mine
            learning_rate: 5.0e-7
            lr_scheduler_type: cosine
            max_seq_length: 512
            loss_type: dpo_norm
            optim: adamw_torch
            output_dir: out
            per_device_train_batch_size: 8
            report_to:
            - tensorboard
            - wandb
            """;

    /** Beside the checkout, or what the property names. */
    private static Path shared(String name) {
        String property = System.getProperty("align4j.shared.data");
        Path file = property == null ? null : Path.of(property, name);
        for (Path at = Path.of("").toAbsolutePath(); file == null && at != null; at = at.getParent()) {
            Path beside = at.resolveSibling("shared/data").resolve(name);
            file = Files.exists(beside) ? beside : null;
        }
        assumeTrue(file != null && Files.exists(file), "skipped: shared/data/" + name + " is not beside the project");
        return file;
    }

    @TempDir
    private Path folder;

    private DpoConfig parse(String yaml, String... more) throws IOException {
        Path file = folder.resolve("recipe.yaml");
        Files.writeString(file, yaml);
        List<String> args = new ArrayList<>(List.of("--config", file.toString()));
        args.addAll(List.of(more));
        return CommandArguments.parse(TrainingCommand.dpo(), DpoConfig.SCHEMA, args)
                .orElseThrow();
    }

    @Test
    void aRecipeRunsWithItsDataNamedByAnOption() throws IOException {
        DpoConfig config = parse(RECIPE, "--data", "rows.jsonl");
        assertThat(config.training().model()).isEqualTo(Path.of("base"));
        assertThat(config.training().output()).isEqualTo(Path.of("out"));
        assertThat(config.training().trainBatchSize()).isEqualTo(16);
        assertThat(config.training().maxLength()).isEqualTo(512);
        assertThat(config.training().learningRate()).isEqualTo(5e-7);
        assertThat(config.beta()).isEqualTo(0.01);
        assertThat(config.lossType()).isEqualTo("sigmoid_norm");
    }

    @Test
    void optionsMayHaveTrlsNamesAndWin() throws IOException {
        DpoConfig config = parse(RECIPE, "--data", "rows.jsonl", "--model_name_or_path", "other", "--output_dir=here");
        assertThat(config.training().model()).isEqualTo(Path.of("other"));
        assertThat(config.training().output()).isEqualTo(Path.of("here"));
    }

    @Test
    void anOptionTakesThePlaceOfWhateverTheFileEvaluatesOn() throws IOException {
        String data = RECIPE + "eval_data: hub:owner/name/test-*.parquet\n";
        TrainingConfig split =
                parse(data, "--data", "rows.jsonl", "--eval-split", "4").training();
        assertThat(split.evalData()).isEmpty();
        assertThat(split.evalSplit()).isEqualTo(4);
        TrainingConfig file = parse(RECIPE + "eval_split: 0.1\n", "--data", "rows.jsonl", "--eval-data", "held.jsonl")
                .training();
        assertThat(file.evalData()).containsExactly(Path.of("held.jsonl"));
        assertThat(file.evalSplit()).isZero();
        assertThatThrownBy(() -> parse(RECIPE, "--data", "a", "--eval-data", "b", "--eval-split", "4"))
                .hasMessage("eval_data and eval_split are both given; choose one");
    }

    @Test
    void anOptionWithoutEffectIsRefusedButMayStayInAFile() throws IOException {
        String lora = RECIPE + "lora_r: 4\nlora_target_modules: [q_proj]\nbnb_4bit_quant_type: fp4\nuse_peft: false\n";
        assertThat(parse(lora, "--data", "a").training().loraR()).isEqualTo(4);
        assertThat(parse(RECIPE, "--data", "a", "--lora-r", "4", "--use-peft")
                        .training()
                        .loraR())
                .isEqualTo(4);
        assertThat(parse(RECIPE + "use_peft: true\n", "--data", "a", "--lora-r", "4")
                        .training()
                        .loraR())
                .isEqualTo(4);
        assertThatThrownBy(() -> parse(RECIPE, "--data", "a", "--lora-r", "4"))
                .hasMessage("--lora-r is given without use_peft and has no effect; add --use-peft, or leave it out");
        assertThatThrownBy(() -> parse(RECIPE, "--data", "a", "--use-peft", "--bnb-4bit-quant-type", "fp4"))
                .hasMessageStartingWith("--bnb-4bit-quant-type is given without load_in_4bit and has no effect");
        String[] score = {"--reward-model", "m", "--data", "a", "--beta", "0.2"};
        assertThatThrownBy(() -> CommandArguments.parse(new ScoreCommand(), ScoreConfig.SCHEMA, List.of(score)))
                .hasMessageStartingWith("--beta is given without model and has no effect");
        String[] generate = {"--model", "m", "--prompt", "a", "--greedy", "--temperature", "0.5"};
        assertThatThrownBy(
                        () -> CommandArguments.parse(new GenerateCommand(), GenerateConfig.SCHEMA, List.of(generate)))
                .hasMessageStartingWith("greedy takes the most probable token, whatever temperature");
    }

    @Test
    void whatOlderTrlCutOtherwiseIsSaid() {
        List<String> said = new ArrayList<>();
        Map<String, Setting> given = new LinkedHashMap<>();
        given.put("max_prompt_length", new Setting("128", "--max_prompt_length"));
        given.put("max_completion_length", new Setting("", "run.yaml:3"));
        given.put("report_to", new Setting("none", "--report_to"));
        assertThat(RecipeKeys.translate(
                        new YamlConfig.Contents(given, Map.of()), Set.of("max_length"), true, said::add))
                .isEmpty();
        assertThat(said)
                .containsExactly(
                        "without effect here: report_to",
                        "max_prompt_length 128 is of older TRL: here, as in newer, no prompt is cut");
    }

    @Test
    void whatWouldChangeTheResultIsAnError() {
        assertThatThrownBy(() -> parse("model: m\noutput: o\ndataset_splits: train\n"))
                .hasMessageEndingWith(
                        "recipe.yaml:3: dataset_splits chooses from data that are not named; name the rows to train on with --data");
        assertThatThrownBy(() -> parse(RECIPE + "load_in_8bit: true\n", "--data", "rows.jsonl"))
                .hasMessageContaining("load_in_8bit is \"true\", which is not done here");
        assertThatThrownBy(() -> parse(RECIPE + "model: twice\n", "--data", "rows.jsonl"))
                .hasMessageContaining("model is given twice");
        assertThatThrownBy(() -> parse(RECIPE + "train_batch_size: 4\n", "--data", "rows.jsonl"))
                .hasMessageContaining("train_batch_size is given, too");
    }

    private TrainingConfig data(String yaml) throws IOException {
        return parse("model: m\noutput: o\n" + yaml).training();
    }

    private static List<Path> paths(String... names) {
        return Stream.of(names).map(Path::of).toList();
    }

    @Test
    void mixturesOfTheHandbookAreSourcesWithWeights() throws IOException {
        TrainingConfig mixer =
                data("dataset_mixer:\n  a.jsonl: 1.0\n  hub:o/b: 0.5\n  c: 2000\ndataset_splits: [train, test_sft]\n");
        assertThat(mixer.data()).isEqualTo(paths("a.jsonl", "hub:o/b", "c"));
        assertThat(mixer.dataWeights()).contains("1,0.5,2000rows");
        assertThat(mixer.evalData())
                .isEqualTo(paths("a.jsonl/**/test_sft-*", "hub:o/b/**/test_sft-*", "c/**/test_sft-*"));

        TrainingConfig mixture = data("""
                dataset_mixture:
                  datasets:
                    - id: hub:o/prefs
                      config: default
                      split: train_prefs
                      columns: [chosen, rejected]
                      weight: 1.0
                    - id: hub:o/more
                      config: tiny
                      split: train
                      weight: 0.25
                  test_split_size: 2000
                  seed: 0
                """);
        assertThat(mixture.data()).isEqualTo(paths("hub:o/prefs/**/train_prefs-*", "hub:o/more/tiny/train-*"));
        assertThat(mixture.dataWeights()).contains("1,0.25");
        assertThat(mixture.evalSplit()).isEqualTo(2000);
    }

    @Test
    void soAreThoseOfOpenInstructAndTrl() throws IOException {
        TrainingConfig list = data("dataset_mixer_list: [a.jsonl, 1.0, b.jsonl, 500]\n");
        assertThat(list.data()).isEqualTo(paths("a.jsonl", "b.jsonl"));
        assertThat(list.dataWeights()).contains("1,500rows");
        assertThat(data("dataset_mixer_list: a.jsonl 1.0 b.jsonl 1.0\ndataset_mixer_list_splits: train\n")
                        .dataWeights())
                .isEmpty();

        TrainingConfig trl = data(
                "datasets:\n- path: json\n  data_files: [a.jsonl, b.jsonl]\n- path: c\n  name: null\ntest_split_size: 0.1\n");
        assertThat(trl.data()).isEqualTo(paths("a.jsonl", "b.jsonl", "c"));
        assertThat(trl.evalSplit()).isEqualTo(0.1);

        TrainingConfig named = data("dataset_name: hub:o/n\ndataset_config: all\ndataset_train_split: train\n"
                + "dataset_test_split: test\n");
        assertThat(named.data()).isEqualTo(paths("hub:o/n/all/train-*"));
        assertThat(named.evalData()).isEqualTo(paths("hub:o/n/all/test-*"));
    }

    @Test
    void whatAMixtureDoesNotSayRightIsAnError() {
        assertThatThrownBy(() -> data("dataset_mixer:\n  a: 1.0\ndataset_name: b\n"))
                .hasMessageEndingWith("recipe.yaml:3: dataset_mixer is not all that names data; leave the others out");
        assertThatThrownBy(() -> data("dataset_mixer:\n  a: much\n"))
                .hasMessageContaining("data_weights is \"much\", expected numbers above 0");
        assertThatThrownBy(() -> data("dataset_mixer_list: [a, 1.0, b]\n"))
                .hasMessageContaining("has 3 entries, expected a weight after each name");
        assertThatThrownBy(() -> data("datasets:\n- path: a\n  revision: 7\n"))
                .hasMessageContaining("datasets has the key revision, which is not read here; leave it out");
    }

    @Test
    void valuesMeanWhatTheyMeanToOthers() throws IOException {
        DpoConfig config = parse("""
                model_name_or_path: owner/name
                model_revision: v2
                dataset_name: owner/rows
                output_dir: out
                save_strategy: "no"
                save_steps: 100
                warmup_steps: 0.1
                max_length: null
                train_sampling_strategy: sequential
                dtype: bfloat16
                """);
        assertThat(config.training().model()).isEqualTo(Path.of("hub:owner/name@v2"));
        assertThat(config.training().data()).containsExactly(Path.of("hub:owner/rows"));
        assertThat(config.training().saveSteps()).isZero();
        assertThat(config.training().warmupRatio()).isEqualTo(0.1);
        assertThat(config.training().warmupSteps()).isZero();
        assertThat(config.training().maxLength()).isEqualTo(Integer.MAX_VALUE);
        assertThat(config.training().shuffle()).isFalse();
        assertThat(config.training().dtype()).isEqualTo(ComputeType.BF16);
    }

    @Test
    void withoutBf16IsFloat32() throws IOException {
        assertThat(parse("model: m\noutput: o\ndata: d\nbf16: false\n")
                        .training()
                        .dtype())
                .isEqualTo(ComputeType.FLOAT32);
        assertThat(parse("model: m\noutput: o\ndata: d\nbf16: true\n")
                        .training()
                        .dtype())
                .isEqualTo(ComputeType.AUTO);
    }

    @Test
    void aCommandLineOfTrlRuns() {
        List<String> args = List.of(("--model_name_or_path base --dataset_name rows.jsonl --output_dir out"
                        + " --per_device_train_batch_size 2 --gradient_accumulation_steps 8 --learning_rate 5e-7"
                        + " --logging_steps 25 --eval_strategy steps --eval_steps 50 --bf16 --no_remove_unused_columns"
                        + " --loss_type sigmoid sft --loss_weights 1.0 0.2 --use_peft --lora_target_modules q_proj v_proj"
                        + " --warmup_steps 0.1 --report_to none --max_length 512 --sync_ref_model")
                .split(" "));
        assertThatThrownBy(() -> CommandArguments.parse(TrainingCommand.dpo(), DpoConfig.SCHEMA, args))
                .hasMessageContaining("sync_ref_model and use_peft are both given");
        DpoConfig config = CommandArguments.parse(
                        TrainingCommand.dpo(), DpoConfig.SCHEMA, args.subList(0, args.size() - 1))
                .orElseThrow();
        assertThat(config.training().trainBatchSize()).isEqualTo(16);
        assertThat(config.training().evalSteps()).isEqualTo(50);
        assertThat(config.training().warmupRatio()).isEqualTo(0.1);
        assertThat(config.lossType()).isEqualTo("sigmoid,sft");
        assertThat(config.lossWeights()).contains("1.0,0.2");
        assertThat(config.training().loraTargetModules()).contains("q_proj,v_proj");
    }

    @Test
    void optionsWinOverTheSizeOfAStepInTheFile() throws IOException {
        assertThat(parse(RECIPE, "--data", "d", "--train-batch-size", "3")
                        .training()
                        .trainBatchSize())
                .isEqualTo(3);
        assertThat(parse(RECIPE, "--data", "d", "--per_device_train_batch_size", "4")
                        .training()
                        .trainBatchSize())
                .isEqualTo(8);
    }

    /** The files that people have. */
    @ParameterizedTest
    @CsvSource({
        "alignment-handbook/zephyr-7b-beta_sft_config_full.yaml, 2e-5",
        "alignment-handbook/zephyr-7b-beta_dpo_config_full.yaml, 5e-7",
        "alignment-handbook/zephyr-7b-beta_dpo_config_qlora.yaml, 5e-6",
        "alignment-handbook/pref_align_scan_dpo_config_zephyr.yaml, 5e-7",
        "alignment-handbook/smollm2_sft_config.yaml, 3e-4",
        "alignment-handbook/smollm2_dpo_config.yaml, 1e-6",
        "open-instruct/default.yaml, 5e-7",
        "open-instruct/tulu3_dpo_8b.yaml, 5e-7",
        "trl_example_config.yaml, 1e-4"
    })
    void recipesOfOthersRun(String name, double learningRate) {
        Path file = shared("recipes/" + name);
        List<String> args = List.of("--config", file.toString(), "--model", "m", "--data", "d", "--output", "o");
        TrainingConfig config = name.contains("sft") || name.startsWith("trl")
                ? CommandArguments.parse(TrainingCommand.sft(), SftConfig.SCHEMA, args)
                        .orElseThrow()
                        .training()
                : CommandArguments.parse(TrainingCommand.dpo(), DpoConfig.SCHEMA, args)
                        .orElseThrow()
                        .training();
        assertThat(config.model()).isEqualTo(Path.of("m"));
        assertThat(config.data()).containsExactly(Path.of("d"));
        assertThat(config.learningRate()).isEqualTo(learningRate);
        assertThat(config.chatTemplate().isPresent()).isEqualTo(name.contains("sft"));
    }

    /** What the alignment-handbook's recipe for Zephyr's SFT with QLoRA says, but for its data and template. */
    @Test
    void qloraMeansFourBitsUnderAnAdapter() throws IOException {
        TrainingConfig config = parse("""
                model_name_or_path: base
                torch_dtype: bfloat16
                attn_implementation: flash_attention_2
                load_in_4bit: true
                use_peft: true
                lora_r: 16
                lora_alpha: 16
                lora_dropout: 0.05
                lora_target_modules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]
                bf16: true
                eval_strategy: epoch
                gradient_accumulation_steps: 2
                gradient_checkpointing: true
                gradient_checkpointing_kwargs:
                  use_reentrant: false
                hub_strategy: every_save
                logging_strategy: steps
                max_seq_length: 2048
                max_steps: -1
                output_dir: out
                overwrite_output_dir: true
                per_device_train_batch_size: 4
                """, "--data", "rows.jsonl").training();
        assertThat(config.loadIn4bit()).isTrue();
        assertThat(config.bnb4bitQuantType()).isEqualTo(FourBitType.NF4);
        assertThat(config.useBnbNestedQuant()).isFalse();
        assertThat(config.loraR()).isEqualTo(16);

        TrainingConfig others = parse(
                        "model: m\noutput: o\nuse_peft: true\nload_in_4bit: true\nbnb_4bit_quant_type: fp4\n"
                                + "bnb_4bit_use_double_quant: true\nbnb_4bit_compute_dtype: bfloat16\n"
                                + "bnb_4bit_quant_storage: uint8\n",
                        "--data",
                        "rows.jsonl")
                .training();
        assertThat(others.bnb4bitQuantType()).isEqualTo(FourBitType.FP4);
        assertThat(others.useBnbNestedQuant()).isTrue();

        assertThatThrownBy(() -> parse(RECIPE + "load_in_4bit: true\n", "--data", "rows.jsonl"))
                .hasMessageStartingWith("load_in_4bit is given without use_peft");
    }
}
