package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.recipe.DpoConfig;
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
        assertThatThrownBy(() -> parse(RECIPE)).hasMessageContaining("name the rows to train on with --data");
        assertThatThrownBy(() -> parse(RECIPE + "load_in_4bit: true\n", "--data", "rows.jsonl"))
                .hasMessageContaining("load_in_4bit is \"true\", which is not done here");
        assertThatThrownBy(() -> parse(RECIPE + "model: twice\n", "--data", "rows.jsonl"))
                .hasMessageContaining("model is given twice");
        assertThatThrownBy(() -> parse(RECIPE + "train_batch_size: 4\n", "--data", "rows.jsonl"))
                .hasMessageContaining("train_batch_size is given, too");
    }
}
