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
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Setting;
import org.align4j.hub.Hub;
import org.align4j.hub.HubEnvironment;
import org.align4j.hub.HubListener;
import org.align4j.hub.TinyHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes with models and data from a hub give what they give with the same files in folders. */
class HubFilesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path home;

    private final TinyHub server = new TinyHub();

    @BeforeEach
    void fill() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
            Path file = GOLDENS.resolve("model").resolve(name);
            if (Files.exists(file)) {
                server.put("models/tiny/llama", name, Files.readAllBytes(file));
            }
        }
        byte[] rows = Files.readAllBytes(GOLDENS.resolve("train.jsonl"));
        server.put("datasets/tiny/pairs", "train.jsonl", rows).put("datasets/tiny/pairs", "test.jsonl", rows);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Hub hub() {
        Map<String, String> variables = Map.of("HF_ENDPOINT", server.address());
        return new Hub(HubEnvironment.of(variables, home), new HubListener() {
            @Override
            public void message(String line) {}

            @Override
            public void downloading(String what, int done, int total) {}
        });
    }

    private <T extends Record> T config(ConfigSchema<T> schema, Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        return HubFiles.local(schema, schema.read(settings), this::hub);
    }

    private static String score(ScoreConfig config) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ScoreRecipe.run(config, new PrintStream(out, true, StandardCharsets.UTF_8), Runs.listener());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void scoresAreThoseOfTheFolder() {
        String there = score(config(
                ScoreConfig.SCHEMA,
                "model",
                "hub:tiny/llama",
                "reference",
                "hub:tiny/llama@" + TinyHub.COMMIT,
                "data",
                "hub:tiny/pairs/train.jsonl"));
        String here = score(config(
                ScoreConfig.SCHEMA,
                "model",
                GOLDENS.resolve("model"),
                "reference",
                GOLDENS.resolve("model"),
                "data",
                GOLDENS.resolve("train.jsonl")));
        assertThat(there).isEqualTo(here).contains("\"rank\":1");
    }

    @Test
    void aRunTakesItsSplitsAndWritesNamesThatNeverMove() {
        DpoConfig config = config(
                DpoConfig.SCHEMA,
                "model",
                "hub:tiny/llama",
                "data",
                "hub:tiny/pairs",
                "eval_data",
                "hub:tiny/pairs",
                "output",
                home.resolve("out"),
                "cache_dir",
                home.resolve("logps"),
                "dtype",
                "float32",
                "max_steps",
                1);
        Path snapshot = home.resolve(".cache/huggingface/hub/datasets--tiny--pairs/snapshots/" + TinyHub.COMMIT);
        assertThat(config.training().data()).containsExactly(snapshot.resolve("train.jsonl"));
        assertThat(config.training().evalData()).containsExactly(snapshot.resolve("test.jsonl"));
        assertThat(DpoRecipe.run(config, Runs.listener()).finished()).isTrue();
        assertThat(home.resolve("out/model.safetensors")).exists();

        Map<String, Object> written =
                HubFiles.byName(DpoConfig.SCHEMA.toMap(config), home.resolve(".cache/huggingface/hub"));
        assertThat(written)
                .containsEntry("model", "hub:tiny/llama@" + TinyHub.COMMIT)
                .containsEntry("data", "hub:tiny/pairs@" + TinyHub.COMMIT + "/train.jsonl")
                .containsEntry("eval_data", "hub:tiny/pairs@" + TinyHub.COMMIT + "/test.jsonl")
                .containsEntry("output", home.resolve("out").toString());
    }

    @Test
    void inspectionNeedsNoWeights() {
        InspectConfig config =
                config(InspectConfig.SCHEMA, "data", GOLDENS.resolve("train.jsonl"), "model", "hub:tiny/llama");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InspectRecipe.run(config, new PrintStream(out, true, StandardCharsets.UTF_8), false, Runs.listener());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("12 good rows");
        assertThat(config.model().get().resolve("tokenizer.json")).exists();
        assertThat(config.model().get().resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void pathsStayAndOnlyReadingIsFromAHub() {
        List<String> asked = new ArrayList<>();
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put("model", new Setting("a/b", "test"));
        settings.put("adapter", new Setting("c", "test"));
        settings.put("output", new Setting("d", "test"));
        MergeConfig local = MergeConfig.SCHEMA.read(settings);
        assertThat(HubFiles.local(MergeConfig.SCHEMA, local, () -> {
                    asked.add("hub");
                    return hub();
                }))
                .isEqualTo(local);
        assertThat(asked).isEmpty();
        settings.put("output", new Setting("hub:d/e", "test"));
        MergeConfig wrong = MergeConfig.SCHEMA.read(settings);
        assertThatThrownBy(() -> HubFiles.local(MergeConfig.SCHEMA, wrong, this::hub))
                .isInstanceOf(AlignException.class)
                .hasMessage("output is hub:d/e, but here only a path is possible");
    }
}
