package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void whatWouldChangeTheResultIsAnError() {
        assertThatThrownBy(() -> parse("model: m\noutput: o\ndataset_splits: train\n"))
                .hasMessageEndingWith(
                        "recipe.yaml:3: dataset_splits chooses from data that are not named; name the rows to train on with --data");
        assertThatThrownBy(() -> parse(RECIPE + "load_in_4bit: true\n", "--data", "rows.jsonl"))
                .hasMessageContaining("unknown key load_in_4bit");
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
}
