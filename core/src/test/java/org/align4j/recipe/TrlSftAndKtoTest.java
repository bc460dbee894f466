package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Supervised fine-tuning and KTO beside TRL's trainers, step by step; see golden/trl/README.md. */
class TrlSftAndKtoTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    static Stream<JsonNode> runs() {
        List<JsonNode> runs = new ArrayList<>();
        JsonFiles.readObject(GOLDENS.resolve("sft_kto.json")).get("runs").forEach(runs::add);
        return runs.stream();
    }

    private Map<String, Setting> settings(String name, Object... more) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of(
                "model",
                GOLDENS.resolve("model"),
                "output",
                folder.resolve(name),
                "dtype",
                "float32",
                "shuffle",
                false,
                "lr_scheduler_type",
                "constant",
                "max_grad_norm",
                0));
        all.addAll(List.of(more));
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return settings;
    }

    private KtoConfig kto(String name, Object... more) {
        Map<String, Setting> settings = settings(name, more);
        settings.put("cache_dir", new Setting(folder.resolve("cache").toString(), "test"));
        return KtoConfig.SCHEMA.read(settings);
    }

    private static List<JsonNode> metrics(TrainingConfig config) {
        return Runs.metrics(config.output());
    }

    @ParameterizedTest
    @MethodSource("runs")
    void everyMetricOfEveryStepFollows(JsonNode run) {
        List<Object> keys =
                new ArrayList<>(List.of("data", GOLDENS.resolve(run.get("data").stringValue()), "max_steps", 6));
        run.get("config").properties().forEach(entry -> {
            boolean batch = entry.getKey().equals("per_device_train_batch_size");
            keys.add(batch ? "train_batch_size" : entry.getKey());
            keys.add(entry.getValue().asString());
        });
        if (run.has("chat_template")) {
            keys.addAll(List.of("chat_template", run.get("chat_template").stringValue()));
        }
        keys.addAll(List.of("tokens_per_microbatch", 100)); // several micro-batches a step
        String name = run.get("name").stringValue();
        List<JsonNode> ours;
        if (run.get("command").stringValue().equals("sft")) {
            SftConfig config = SftConfig.SCHEMA.read(settings(name, keys.toArray()));
            assertThat(SftRecipe.run(config, Runs.listener()).finished()).isTrue();
            ours = metrics(config.training());
        } else {
            KtoConfig config = kto(name, keys.toArray());
            assertThat(KtoRecipe.run(config, Runs.listener()).finished()).isTrue();
            ours = metrics(config.training());
        }
        JsonNode theirs = run.get("steps");
        assertThat(ours).hasSize(theirs.size());
        for (int i = 0; i < ours.size(); i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i), theirs.get(i), "");
        }
    }

    @Test
    void bcoAndAStopInTheMiddleRepeatAnUndisturbedRun() throws IOException {
        for (String loss : List.of("kto", "bco")) {
            Object[] keys = {
                "data",
                GOLDENS.resolve("kto.jsonl"),
                "loss_type",
                loss,
                "train_batch_size",
                4,
                "max_steps",
                6,
                "learning_rate",
                1e-3,
                "shuffle",
                true,
                "eval_split",
                3,
                "save_steps",
                2
            };
            KtoConfig whole = kto(loss + "-whole", keys);
            KtoRecipe.run(whole, Runs.listener());
            KtoRecipe.run(kto(loss + "-stopped", keys), new Runs.Listener(step -> step == 3));
            Map<String, Setting> again = settings(loss + "-stopped", keys);
            again.put("cache_dir", new Setting(folder.resolve("cache").toString(), "test"));
            again.put("resume", new Setting("true", "test"));
            KtoConfig resumed = KtoConfig.SCHEMA.read(again);
            assertThat(KtoRecipe.run(resumed, Runs.listener()).finished()).isTrue();
            Path weights = Path.of("model.safetensors");
            assertThat(Files.readAllBytes(resumed.training().output().resolve(weights)))
                    .isEqualTo(Files.readAllBytes(whole.training().output().resolve(weights)));
            JsonNode last = metrics(whole.training()).get(6);
            assertThat(last.get("eval_loss").doubleValue()).isPositive();
            assertThat(last.get("eval_kl").doubleValue()).isNotNegative();
        }
    }

    @Test
    void theBalanceOfItsPaperIsAdvisedForKtoAlone() {
        for (String loss : List.of("kto", "bco")) {
            Runs.Listener heard = Runs.listener();
            Object[] uneven = {"data", GOLDENS.resolve("kto.jsonl"), "desirable_weight", 9, "max_steps", 1};
            Map<String, Setting> settings = settings(loss, uneven);
            settings.put("loss_type", new Setting(loss, "test"));
            settings.put("cache_dir", new Setting(folder.resolve("cache").toString(), "test"));
            KtoRecipe.run(KtoConfig.SCHEMA.read(settings), heard);
            assertThat(heard.messages).anyMatch(line -> line.contains(" desirable and "));
            assertThat(heard.messages.stream().anyMatch(line -> line.contains("the KTO paper would have")))
                    .isEqualTo(loss.equals("kto"));
        }
    }

    @Test
    void whatCannotBeRightIsRefused() throws IOException {
        Path data = folder.resolve("bad.jsonl");
        Files.writeString(data, "{\"prompt\": \"a\", \"completion\": \"b\", \"label\": \"good\"}\n");
        assertThatThrownBy(() -> KtoRecipe.run(kto("a", "data", data), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("bad.jsonl:1")
                .hasMessageContaining("expected true (desirable) or false");
        assertThatThrownBy(() -> kto("b", "data", data, "train_batch_size", 1))
                .hasMessageContaining("train_batch_size is 1, expected 2 or more");
        Files.writeString(data, "{\"question\": \"a\"}\n");
        assertThatThrownBy(() -> SftRecipe.run(SftConfig.SCHEMA.read(settings("c", "data", data)), Runs.listener()))
                .hasMessageContaining("expected `prompt` and `completion`, `messages` or `text`");
    }
}
