package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Process reward models beside TRL's trainer, step by step; see golden/trl/README.md. */
class PrmRecipeTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");
    private static final Path STEPS = GOLDENS.resolve("steps.jsonl");

    @TempDir
    private Path folder;

    private PrmConfig config(String name, Object... more) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of("model", GOLDENS.resolve("prm_model"), "data", STEPS));
        all.addAll(List.of("output", folder.resolve(name), "dtype", "float32", "shuffle", false));
        all.addAll(List.of("lr_scheduler_type", "constant", "max_grad_norm", 0, "max_steps", 6));
        all.addAll(List.of("tokens_per_microbatch", 60));
        all.addAll(List.of(more));
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return PrmConfig.SCHEMA.read(settings);
    }

    static Stream<JsonNode> runs() {
        return JsonFiles.readObject(GOLDENS.resolve("prm.json")).get("runs").valueStream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void followsTrlAndSaysOfEachStepWhatTransformersSays(JsonNode run) {
        List<Object> keys = new ArrayList<>(List.of("eval_data", STEPS));
        run.get("config").properties().forEach(entry -> {
            boolean batch = entry.getKey().equals("per_device_train_batch_size");
            keys.add(batch ? "train_batch_size" : entry.getKey());
            keys.add(entry.getValue().asString());
        });
        PrmConfig config = config("out", keys.toArray());
        assertThat(PrmRecipe.run(config, Runs.listener()).finished()).isTrue();

        List<JsonNode> ours = Runs.metrics(config.training().output());
        assertThat(ours).hasSize(7); // with the evaluation before the first step
        for (int i = 0; i < 6; i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i + 1), run.get("steps").get(i), "");
        }
        assertThat(ours.get(6).get("eval_accuracy").doubleValue())
                .isCloseTo(run.get("eval").get("eval_accuracy").doubleValue(), within(1e-6));
        List<JsonNode> rows =
                ScoreAndGenerateTest.scored("reward_model", config.training().output(), "data", STEPS);
        for (int row = 0; row < rows.size(); row++) {
            JsonNode completion = rows.get(row).get("completions").get(0);
            JsonNode wanted = run.get("good").get(row);
            double product = 1;
            assertThat(completion.get("steps").size()).isEqualTo(wanted.size());
            for (int i = 0; i < wanted.size(); i++) {
                assertThat(completion.get("steps").get(i).doubleValue())
                        .isCloseTo(wanted.get(i).doubleValue(), within(1e-3));
                product *= completion.get("steps").get(i).doubleValue();
            }
            assertThat(completion.get("reward").doubleValue()).isEqualTo(product);
        }
        assertThat(rows).hasSize(8);
    }

    @Test
    void theEvaluationLossIsTheMeanOverAllSteps() {
        // Two batches of TRL's, of 9 and 9 steps: its own mean over batches is the mean over steps.
        JsonNode run = runs().findFirst().orElseThrow();
        PrmConfig config = config("eval", "eval_data", STEPS, "learning_rate", 5e-4, "train_batch_size", 4);
        PrmRecipe.run(config, Runs.listener());
        double ours =
                Runs.metrics(config.training().output()).get(6).get("eval_loss").doubleValue();
        assertThat(ours).isCloseTo(run.get("eval").get("eval_loss").doubleValue(), within(1e-3));
    }

    @Test
    void anAdapterWithItsHeadLearnsIsScoredAndGoesOnBitForBit() throws IOException {
        Object[] keys = {
            "model",
            GOLDENS.resolve("model"),
            "use_peft",
            true,
            "lora_dropout",
            0.2,
            "learning_rate",
            2e-2,
            "max_steps",
            20,
            "step_separator",
            " so "
        };
        PrmConfig whole = config("whole", keys);
        PrmRecipe.run(whole, Runs.listener());
        PrmRecipe.run(config("stopped", keys), new Runs.Listener(step -> step == 7));
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        PrmRecipe.run(config("stopped", again.toArray()), Runs.listener());
        String weights = "adapter_model.safetensors";
        assertThat(Files.readAllBytes(folder.resolve("stopped").resolve(weights)))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole").resolve(weights)));
        assertThat(JsonFiles.readObject(folder.resolve("whole/adapter_config.json"))
                        .get("task_type")
                        .stringValue())
                .isEqualTo("TOKEN_CLS");

        List<JsonNode> rows = ScoreAndGenerateTest.scored(
                "reward_model", folder.resolve("whole"), "data", STEPS, "step_separator", " so ");
        List<JsonNode> labels = Files.readAllLines(STEPS).stream()
                .map(line -> new tools.jackson.databind.json.JsonMapper().readTree(line))
                .toList();
        int right = 0;
        for (int row = 0; row < rows.size(); row++) {
            JsonNode steps = rows.get(row).get("completions").get(0).get("steps");
            for (int i = 0; i < steps.size(); i++) {
                boolean good = labels.get(row).get("labels").get(i).booleanValue();
                right += steps.get(i).doubleValue() > 0.5 == good ? 1 : 0;
            }
        }
        assertThat(right).isGreaterThanOrEqualTo(17); // of 18
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        assertThatThrownBy(() -> PrmRecipe.run(config("a", "model", GOLDENS.resolve("reward_model")), Runs.listener()))
                .hasMessageContaining("is a reward model of whole completions, expected one of steps");
        Path bad = folder.resolve("bad.jsonl");
        Files.writeString(bad, "{\"prompt\": \"a\", \"completions\": [\"b\", \"c\"], \"labels\": [true]}\n");
        assertThatThrownBy(() -> PrmRecipe.run(config("b", "data", bad), Runs.listener()))
                .hasMessageContaining("`labels` has 1 value for 2 completions, expected one each");
        Files.writeString(bad, "{\"prompt\": \"a\", \"completions\": [\"b\"], \"labels\": [\"yes\"]}\n");
        assertThatThrownBy(() -> PrmRecipe.run(config("c", "data", bad), Runs.listener()))
                .hasMessageContaining("`labels[0]` is \"yes\", expected true (desirable) or false");
    }
}
