package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.checkpoint.SafetensorsFile;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** DPO runs that train an adapter. */
class LoraRunTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden");
    private static final Path MODEL = GOLDENS.resolve("trl/model");
    private static final Path DATA = GOLDENS.resolve("trl/train.jsonl");

    @TempDir
    private Path folder;

    private DpoConfig config(String name, Object... more) {
        List<Object> keys = new ArrayList<>(List.of(
                "model", MODEL, "data", DATA, "use_peft", true, "lora_r", 4, "lora_alpha", 8, "learning_rate", 5e-3));
        keys.addAll(List.of("train_batch_size", 5, "max_steps", 8, "save_steps", 3));
        Map<Object, Object> unique = new LinkedHashMap<>();
        for (List<Object> part : List.of(keys, List.of(more))) {
            for (int i = 0; i < part.size(); i += 2) {
                unique.put(part.get(i), part.get(i + 1));
            }
        }
        List<Object> flat = new ArrayList<>();
        unique.forEach((key, value) -> flat.addAll(List.of(key, value)));
        return Runs.config(folder.resolve(name), flat.toArray());
    }

    private static List<JsonNode> comparable(DpoConfig config) {
        List<JsonNode> rows = Runs.metrics(config);
        rows.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return rows;
    }

    private static byte[] adapter(DpoConfig config) throws IOException {
        return Files.readAllBytes(config.training().output().resolve("adapter_model.safetensors"));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    static Stream<JsonNode> trlRuns() {
        return JsonFiles.readObject(GOLDENS.resolve("lora/trajectories.json"))
                .get("runs")
                .valueStream();
    }

    @ParameterizedTest
    @MethodSource("trlRuns")
    void everyMetricOfEveryStepFollowsTrl(JsonNode run) {
        JsonNode settings = run.get("config");
        String name = run.get("name").stringValue();
        DpoConfig config = config(
                name,
                "adapter",
                GOLDENS.resolve("lora/start_" + name),
                "shuffle",
                false,
                "learning_rate",
                settings.get("learning_rate"),
                "lr_scheduler_type",
                "constant",
                "max_grad_norm",
                settings.get("max_grad_norm"),
                "weight_decay",
                settings.get("weight_decay"),
                "train_batch_size",
                8,
                "tokens_per_microbatch",
                300,
                "max_steps",
                6);

        DpoRecipe.run(config, Runs.listener());

        List<JsonNode> ours = Runs.metrics(config);
        assertThat(ours).hasSize(6);
        for (int i = 0; i < 6; i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i), run.get("steps").get(i), "");
        }
    }

    @Test
    void stoppingAfterAnyStepChangesNothingWithDropoutToo() throws IOException {
        DpoConfig whole = config("whole", "lora_dropout", 0.3);
        DpoRecipe.run(whole, Runs.listener());
        for (int stop : new int[] {1, 4}) {
            String name = "stopped" + stop;
            DpoRecipe.run(config(name, "lora_dropout", 0.3), new Runs.Listener(step -> step == stop));
            RunResult second = DpoRecipe.run(config(name, "lora_dropout", 0.3, "resume", true), Runs.listener());
            assertThat(second.finished()).isTrue();
            assertThat(comparable(config(name))).isEqualTo(comparable(whole));
            assertThat(adapter(config(name))).isEqualTo(adapter(whole));
        }
        DpoConfig without = config("without", "lora_dropout", 0);
        DpoRecipe.run(without, Runs.listener());
        assertThat(adapter(without)).isNotEqualTo(adapter(whole));
    }

    @Test
    void theMicrobatchDoesNotChangeAStepWithDropout() {
        DpoConfig small = config("small", "lora_dropout", 0.3, "tokens_per_microbatch", 1);
        DpoConfig large = config("large", "lora_dropout", 0.3, "tokens_per_microbatch", 100_000);
        DpoRecipe.run(small, Runs.listener());
        DpoRecipe.run(large, Runs.listener());
        for (int i = 0; i < 8; i++) {
            for (String key : List.of("loss", "grad_norm", "logps/chosen")) {
                double expected = comparable(large).get(i).get(key).doubleValue();
                assertThat(comparable(small).get(i).get(key).doubleValue() / expected)
                        .as(key)
                        .isBetween(1 - 1e-4, 1 + 1e-4);
            }
        }
    }

    @Test
    void resumingAnotherAdapterIsRefused() {
        DpoRecipe.run(config("other"), new Runs.Listener(step -> step == 2));
        assertThatThrownBy(() -> DpoRecipe.run(
                        config("other", "resume", true, "lora_target_modules", "all-linear"), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("lora_target_modules was q_proj,v_proj");
        assertThatThrownBy(() -> DpoRecipe.run(config("other", "resume", true, "lora_dropout", 0.5), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("lora_dropout was 0.05, now it is 0.5");
    }

    @Test
    void theReferenceIsTheBaseWithoutACopyLiveOrCachedInBothTypes() {
        for (String dtype : List.of("float32", "bf16")) {
            DpoConfig cached = config("cached" + dtype, "dtype", dtype, "max_steps", 2);
            DpoConfig live = config("live" + dtype, "dtype", dtype, "max_steps", 2, "reference_logps", "live");
            DpoConfig named = config("named" + dtype, "dtype", dtype, "max_steps", 2, "reference", MODEL);
            DpoRecipe.run(cached, Runs.listener());
            DpoRecipe.run(live, Runs.listener());
            DpoRecipe.run(named, Runs.listener());
            assertThat(comparable(cached)).isEqualTo(comparable(live)).isEqualTo(comparable(named));
            assertThat(comparable(cached).get(0).get("loss").doubleValue()).isEqualTo(Math.log(2));
            assertThat(comparable(cached).get(0).get("rewards/margins").doubleValue())
                    .isZero();
        }
    }

    @Test
    void checkpointsHoldTheAdapterAndItsOptimizerOnly() throws IOException {
        DpoConfig config = config("files");
        DpoRecipe.run(config, new Runs.Listener(step -> step == 4));
        Path checkpoint = config.training().output().resolve("checkpoint-4");
        assertThat(names(checkpoint))
                .contains("adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "tokenizer.json")
                .doesNotContain("config.json", "model.safetensors");
        // Two moments of 896 numbers each: 4 × 32 and 32 × 4 for the queries, 4 × 32 and 16 × 4 for the values of two
        // layers. The base has 29,000 weights and no moments.
        try (SafetensorsFile optimizer = SafetensorsFile.open(checkpoint.resolve("optimizer.safetensors"))) {
            assertThat(optimizer.tensor("exp_avg").shape()).containsExactly(896);
            assertThat(optimizer.tensor("exp_avg_sq").shape()).containsExactly(896);
        }
    }

    @Test
    void anAdapterAndAModelReplaceEachOtherWhole() throws IOException {
        DpoConfig adapter = config("out");
        DpoConfig model = config("out", "use_peft", false, "overwrite", true, "max_steps", 1);
        DpoRecipe.run(adapter, Runs.listener());
        assertThatThrownBy(() -> DpoRecipe.run(adapter, Runs.listener())).hasMessageContaining("--overwrite");
        DpoRecipe.run(model, Runs.listener());
        assertThat(names(model.training().output()))
                .contains("config.json")
                .noneMatch(name -> name.startsWith("adapter"));
        DpoRecipe.run(config("out", "overwrite", true, "max_steps", 1), Runs.listener());
        assertThat(names(model.training().output()))
                .contains("adapter_config.json")
                .doesNotContain("config.json", "model.safetensors");
    }

    @Test
    void scoreGenerateAndMergeGiveTheTrainedModel() throws IOException {
        DpoConfig config = config("trained", "lora_target_modules", "q_proj, mlp.down_proj");
        DpoRecipe.run(config, Runs.listener());
        Path trained = config.training().output();
        Path merged = folder.resolve("merged");
        MergeRecipe.run(
                MergeConfig.SCHEMA.read(settings("model", MODEL, "adapter", trained, "output", merged)),
                Runs.listener());

        List<JsonNode> named = score("model", MODEL, "adapter", trained, "reference", MODEL);
        assertThat(score("model", trained, "reference", MODEL)).isEqualTo(named);
        assertThat(score("model", trained, "reference", trained).toString()).contains("\"reward\":0.0");
        List<JsonNode> plain = score("model", merged, "reference", MODEL);
        double margin = 0;
        for (int row = 0; row < named.size(); row++) {
            for (int k = 0; k < 2; k++) {
                JsonNode expected = named.get(row).get("completions").get(k);
                JsonNode got = plain.get(row).get("completions").get(k);
                assertThat(got.get("logp").doubleValue() / expected.get("logp").doubleValue())
                        .isBetween(1 - 1e-5, 1 + 1e-5);
                margin += (k == 0 ? 1 : -1) * expected.get("reward").doubleValue();
            }
        }
        assertThat(margin / named.size()).isGreaterThan(0.2); // it learned something
        List<String> texts = generate("model", trained);
        assertThat(generate("model", MODEL, "adapter", trained)).isEqualTo(texts);
        assertThat(generate("model", merged)).isEqualTo(texts);
        assertThat(generate("model", MODEL)).isNotEqualTo(texts);
    }

    private static Map<String, Setting> settings(Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        return settings;
    }

    private static List<JsonNode> score(Object... keysAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, Setting> settings = settings(keysAndValues);
        settings.put("data", new Setting(DATA.toString(), "test"));
        ScoreRecipe.run(
                ScoreConfig.SCHEMA.read(settings), new PrintStream(out, true, StandardCharsets.UTF_8), Runs.listener());
        return lines(out).toList();
    }

    /** Only texts: the log-probabilities of a merged model differ in the last bits. */
    private static List<String> generate(Object... keysAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, Setting> settings = settings(keysAndValues);
        settings.put("data", new Setting(DATA.toString(), "test"));
        settings.put("max_new_tokens", new Setting("12", "test"));
        settings.put("greedy", new Setting("true", "test"));
        GenerateRecipe.run(
                GenerateConfig.SCHEMA.read(settings),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                Runs.listener());
        return lines(out)
                .map(row -> row.get("completions").get(0).get("text").stringValue())
                .toList();
    }

    private static Stream<JsonNode> lines(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8).lines().map(line -> new JsonMapper().readTree(line));
    }
}
