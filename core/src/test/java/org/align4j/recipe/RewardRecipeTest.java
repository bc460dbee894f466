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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Reward models beside TRL's trainer, step by step; see golden/trl/README.md. */
class RewardRecipeTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");
    private static final int EOS = 2;

    @TempDir
    private Path folder;

    private RewardConfig config(String name, Object... more) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of(
                "model",
                GOLDENS.resolve("reward_model"),
                "data",
                GOLDENS.resolve("train.jsonl"),
                "output",
                folder.resolve(name),
                "dtype",
                "float32",
                "shuffle",
                false,
                "lr_scheduler_type",
                "constant",
                "max_grad_norm",
                0,
                "max_steps",
                6,
                "tokens_per_microbatch",
                100));
        all.addAll(List.of(more));
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return RewardConfig.SCHEMA.read(settings);
    }

    static Stream<JsonNode> runs() {
        List<JsonNode> runs = new ArrayList<>();
        JsonFiles.readObject(GOLDENS.resolve("reward.json")).get("runs").forEach(runs::add);
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void followsTrlAndGivesTheRewardsOfTransformers(JsonNode run) {
        Path data = GOLDENS.resolve(run.get("data").stringValue());
        List<Object> keys = new ArrayList<>(List.of("data", data));
        run.get("config").properties().forEach(entry -> {
            boolean batch = entry.getKey().equals("per_device_train_batch_size");
            keys.add(batch ? "train_batch_size" : entry.getKey());
            keys.add(entry.getValue().asString());
        });
        Path model = GOLDENS.resolve("reward_model");
        if (run.has("chat_template")) {
            keys.addAll(List.of("chat_template", run.get("chat_template").stringValue()));
        }
        if (run.get("name").stringValue().equals("adapter")) {
            model = GOLDENS.resolve("model");
            keys.addAll(List.of("use_peft", true, "adapter", GOLDENS.resolve("reward_adapter")));
        }
        keys.addAll(List.of("model", model));
        RewardConfig config = config("out", keys.toArray());
        assertThat(RewardRecipe.run(config, Runs.listener()).finished()).isTrue();

        List<JsonNode> ours = Runs.metrics(config.training().output());
        assertThat(ours).hasSize(6);
        for (int i = 0; i < ours.size(); i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i), run.get("steps").get(i), "");
        }
        List<JsonNode> rows = score("reward_model", config.training().output(), "data", data);
        for (int row = 0; row < rows.size(); row++) {
            for (int side = 0; side < 2; side++) {
                double wanted = run.get("rewards").get(row).get(side).doubleValue();
                assertThat(reward(rows.get(row), side)).isCloseTo(wanted, within(1e-3));
            }
        }
    }

    private static double reward(JsonNode row, int completion) {
        return row.get("completions").get(completion).get("reward").doubleValue();
    }

    private static List<JsonNode> score(Object... keysAndValues) {
        return ScoreAndGenerateTest.scored(keysAndValues);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bradley_terry", "best_of_n", "plackett_luce"})
    void ofTwoAllLossesAreBradleyAndTerrys(String loss) {
        RewardConfig config = config(loss, "loss_type", loss, "train_batch_size", 12, "max_steps", 1);
        RewardRecipe.run(config, Runs.listener());
        RewardConfig plain = config("plain", "train_batch_size", 12, "max_steps", 1);
        RewardRecipe.run(plain, Runs.listener());
        double wanted =
                Runs.metrics(plain.training().output()).get(0).get("loss").doubleValue();
        assertThat(Runs.metrics(config.training().output()).get(0).get("loss").doubleValue())
                .isCloseTo(wanted, within(1e-12));
    }

    @Test
    void aLanguageModelGetsANewHeadAndAStoppedRunGoesOnBitForBit() throws IOException {
        Object[] keys = {
            "model",
            GOLDENS.resolve("model"),
            "head_init",
            "zero",
            "learning_rate",
            1e-2,
            "train_batch_size",
            4,
            "eval_split",
            3,
            "save_steps",
            2
        };
        RewardConfig whole = config("whole", keys);
        RewardRecipe.run(whole, Runs.listener());
        JsonNode first = Runs.metrics(whole.training().output()).get(0);
        assertThat(first.get("eval_loss").doubleValue()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(first.get("eval_margin").doubleValue()).isZero();

        // What a run leaves that is killed right after its first evaluation.
        Files.createDirectories(folder.resolve("stopped"));
        Files.writeString(folder.resolve("stopped/metrics.jsonl"), "{\"step\":0,\"epoch\":0.0,\"eval_loss\":1.0}\n");
        List<Object> killed = new ArrayList<>(List.of(keys));
        killed.addAll(List.of("resume", true));
        RewardRecipe.run(config("stopped", killed.toArray()), new Runs.Listener(step -> step == 3));
        assertThat(Runs.metrics(folder.resolve("stopped")).stream()
                        .map(row -> row.get("step").intValue()))
                .containsExactly(0, 1, 2, 3);
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        RewardConfig resumed = config("stopped", again.toArray());
        assertThat(RewardRecipe.run(resumed, Runs.listener()).finished()).isTrue();
        assertThat(Files.readAllBytes(resumed.training().output().resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.training().output().resolve("model.safetensors")));
        JsonNode written = JsonFiles.readObject(whole.training().output().resolve("config.json"));
        assertThat(written.get("architectures").get(0).stringValue()).isEqualTo("LlamaForSequenceClassification");
        assertThat(written.get("pad_token_id").intValue()).isEqualTo(EOS);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> config("b", "loss_type", "best_of_n", "margin_coef", 1))
                .hasMessageContaining("belong to loss_type bradley_terry");
    }
}
