package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScoreAndGenerateTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    private static Map<String, Setting> settings(Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put("model", new Setting(GOLDENS.resolve("model").toString(), "test"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        return settings;
    }

    private static List<JsonNode> lines(String text) {
        List<JsonNode> lines = new ArrayList<>();
        text.lines().forEach(line -> lines.add(new JsonMapper().readTree(line)));
        return lines;
    }

    private static List<JsonNode> score(Object... keysAndValues) {
        List<Object> all = new ArrayList<>(List.of("model", GOLDENS.resolve("model")));
        all.addAll(List.of(keysAndValues)); // a later one wins
        return scored(all.toArray());
    }

    /** What {@code score} writes. */
    static List<JsonNode> scored(Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ScoreRecipe.run(
                ScoreConfig.SCHEMA.read(settings), new PrintStream(out, true, StandardCharsets.UTF_8), Runs.listener());
        return lines(out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void sumsAreThoseThatTrlTrainsWith() {
        // TRL's first step has the first eight rows: its logps/chosen is their mean.
        JsonNode first = org.align4j.checkpoint.JsonFiles.readObject(GOLDENS.resolve("trajectories.json"))
                .get("runs")
                .get(0)
                .get("steps")
                .get(0);
        List<JsonNode> rows = score("data", GOLDENS.resolve("train.jsonl"));
        assertThat(rows).hasSize(12);
        double chosen = 0;
        double rejected = 0;
        for (int r = 0; r < 8; r++) {
            chosen += rows.get(r).get("completions").get(0).get("logp").doubleValue() / 8;
            rejected += rows.get(r).get("completions").get(1).get("logp").doubleValue() / 8;
        }
        assertThat(chosen).isCloseTo(first.get("logps/chosen").doubleValue(), within(1e-4));
        assertThat(rejected).isCloseTo(first.get("logps/rejected").doubleValue(), within(1e-4));
    }

    @Test
    void aModelAgainstItselfHasNoPreference() {
        for (JsonNode row : score("data", GOLDENS.resolve("train.jsonl"), "reference", GOLDENS.resolve("model"))) {
            for (JsonNode completion : row.get("completions")) {
                assertThat(completion.get("reference_logp")).isEqualTo(completion.get("logp"));
                assertThat(completion.get("reward").doubleValue()).isZero();
                assertThat(completion.get("rank").intValue()).isEqualTo(1);
            }
        }
    }

    @Test
    void rankingsKeepTheirOrderAndWithoutAReferenceTheRewardIsBetaLogp() throws IOException {
        Path data = folder.resolve("rankings.jsonl");
        Files.writeString(data, """
                {"prompt": "The sky", "completions": [" is blue.", " is red and a long way off.", " is blue."], "ranks": [2, 1, 2]}
                """);
        JsonNode completions = score("data", data, "beta", 0.5).get(0).get("completions");
        assertThat(completions.size()).isEqualTo(3);
        for (JsonNode completion : completions) {
            assertThat(completion.get("reference_logp").isNull()).isTrue();
            assertThat(completion.get("reward").doubleValue())
                    .isEqualTo(0.5 * completion.get("logp").doubleValue());
        }
        assertThat(completions.get(0).get("logp").doubleValue())
                .isCloseTo(completions.get(2).get("logp").doubleValue(), within(1e-4));
        assertThat(completions.get(1).get("rank").intValue()).isEqualTo(3); // the longest is the least likely
    }

    @Test
    void whatIsTrueOfBothModelsIsSaidOnceAndEqualCompletionsAreNoMatter() throws IOException {
        Path data = folder.resolve("long.jsonl");
        String words = " is blue".repeat(200);
        Files.writeString(data, """
                {"prompt": "The sky", "completions": ["%s.", "%s!"], "ranks": [1, 2]}
                """.formatted(words, words));
        Object[] cut = {"model", GOLDENS.resolve("model"), "data", data, "max_length", 300};
        Runs.Listener heard = Runs.listener();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, Setting> keys = settings(cut);
        keys.put("reference", keys.get("model"));
        ScoreRecipe.run(ScoreConfig.SCHEMA.read(keys), new PrintStream(out, true, StandardCharsets.UTF_8), heard);
        assertThat(lines(out.toString(StandardCharsets.UTF_8))
                        .get(0)
                        .get("completions")
                        .size())
                .isEqualTo(2);
        assertThat(heard.messages)
                .filteredOn(line -> line.contains("the model was made for"))
                .hasSize(1);
        assertThat(heard.messages).noneMatch(line -> line.contains("the same"));

        heard = Runs.listener();
        DpoRecipe.run(Runs.config(folder, cut), heard);
        assertThat(heard.messages)
                .filteredOn(line -> line.contains("the model was made for"))
                .hasSize(1);
        assertThat(heard.messages).anyMatch(line -> line.contains("comparing completions teaches nothing in 1 row"));
    }

    @Test
    void anotherTemplateMayWriteTheConversations() throws IOException {
        Path data = folder.resolve("chats.jsonl");
        Files.writeString(data, """
                {"prompt": [{"role": "user", "content": "The sky"}], "chosen": "is blue.", "rejected": "is red."}
                """);
        String given = "{% for m in messages %}{{ m.content }}! {% endfor %}";
        Path own = Files.createDirectory(folder.resolve("own"));
        try (Stream<Path> files = Files.list(GOLDENS.resolve("model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, own.resolve(file.getFileName()));
            }
        }
        Files.writeString(own.resolve("chat_template.jinja"), given);
        assertThat(score("data", data, "chat_template", given)).isEqualTo(scored("model", own, "data", data));
    }

    @Test
    void rowsThatAreLeftOutKeepTheirNumbers() throws IOException {
        Path data = folder.resolve("mixed.jsonl");
        Files.writeString(data, """
                {"prompt": "a", "chosen": "", "rejected": " c"}
                {"prompt": "a", "chosen": " b", "rejected": " c"}
                """);
        List<JsonNode> rows = score("data", data, "on_bad_row", "skip");
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("row").intValue()).isEqualTo(2); // as messages count lines
    }

    @Test
    void aSingleCompletionIsScoredInWhateverFormItComes() throws IOException {
        Path data = folder.resolve("single.jsonl");
        Files.writeString(data, """
                {"prompt": "The sky", "completions": [" is blue.", " is red."]}
                {"prompt": "The sky", "completion": " is blue.", "score": 7.5}
                {"prompt": "The sky", "completions": [" is blue."]}
                {"prompt": "The sky", "completions": [{"text": " is blue.", "num_tokens": 3}]}
                {"instruction": "The sky", "output": " is blue."}
                """);
        List<JsonNode> rows = score("data", data);
        double wanted = rows.get(0).get("completions").get(0).get("logp").doubleValue();
        assertThat(rows).hasSize(5);
        for (JsonNode row : rows.subList(1, 5)) {
            assertThat(row.get("completions").size()).isEqualTo(1);
            JsonNode only = row.get("completions").get(0);
            assertThat(only.get("logp").doubleValue()).isCloseTo(wanted, within(1e-5));
            assertThat(only.get("rank").intValue()).isEqualTo(1);
        }
    }

    @Test
    void whatGenerateWritesCanBeScored() throws IOException {
        Path output = folder.resolve("samples.jsonl");
        GenerateRecipe.run(
                GenerateConfig.SCHEMA.read(
                        settings("data", GOLDENS.resolve("train.jsonl"), "max_new_tokens", 5, "output", output)),
                System.out,
                Runs.listener());
        assertThat(score("data", output, "on_bad_row", "skip")).hasSizeGreaterThan(6); // but for empty ones
    }

    @Test
    void promptsAreCheckedBeforeTheFirstIsCompletedAndNamed() throws IOException {
        Path data = folder.resolve("prompts.jsonl");
        Files.writeString(data, "{\"prompt\": \"a cat\"}\n{\"prompt\": \"%s\"}\n".formatted("a cat ".repeat(100)));
        Runs.Listener listener = Runs.listener();
        GenerateRecipe.run(
                GenerateConfig.SCHEMA.read(settings("data", data, "max_new_tokens", 1)),
                new PrintStream(new ByteArrayOutputStream()),
                listener);
        assertThat(listener.messages)
                .anySatisfy(line -> assertThat(line)
                        .matches(
                                "a prompt of \\d+ tokens with max_new_tokens 1 needs more than the \\d+ positions that the model"
                                        + " was made for; what is beyond may be nonsense"));
        Path gpt2 = Files.createDirectory(folder.resolve("gpt2")); // whose positions are a table
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Path.of("src/test/resources/golden/families/gpt2", file), gpt2.resolve(file));
        }
        Files.writeString(gpt2.resolve("tokenizer.json"), LargeDataTest.TOKENIZER);
        Files.writeString(gpt2.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
        assertThatThrownBy(() -> GenerateRecipe.run(
                        GenerateConfig.SCHEMA.read(settings("model", gpt2, "data", data, "max_new_tokens", 1)),
                        new PrintStream(new ByteArrayOutputStream()),
                        Runs.listener()))
                .hasMessageStartingWith(data + ":2: ")
                .hasMessageContaining("positions; shorten the prompt");
    }

    @Test
    void aRewardModelIsNamedAsSuchWhereALanguageModelIsExpected() {
        assertThatThrownBy(() ->
                        score("adapter", GOLDENS.resolve("reward_adapter"), "data", GOLDENS.resolve("train.jsonl")))
                .hasMessageContaining("reward_adapter: is the adapter of a reward model, which gives rewards");
        Path model = GOLDENS.resolve("reward_model");
        String named = model + ": is a reward model (\"LlamaForSequenceClassification\"), which gives rewards and no"
                + " probabilities of tokens, expected a language model; score asks it as --reward-model, reward or prm goes"
                + " on training it";
        assertThatThrownBy(() -> score("model", model, "data", GOLDENS.resolve("train.jsonl")))
                .hasMessage(named);
        assertThatThrownBy(() -> GenerateRecipe.run(
                        GenerateConfig.SCHEMA.read(settings("model", model, "prompt", "a")),
                        System.out,
                        Runs.listener()))
                .hasMessage(named);
        assertThatThrownBy(() -> DpoRecipe.run(
                        Runs.config(folder, "model", model, "data", GOLDENS.resolve("train.jsonl")), Runs.listener()))
                .hasMessage(named);
        assertThat(folder.resolve("out")).doesNotExist();
        assertThatThrownBy(() -> ExportRecipe.run(
                        ExportConfig.SCHEMA.read(settings("model", model, "output", folder.resolve("x.gguf"))),
                        Runs.listener()))
                .hasMessage(named);
    }

    @Test
    void generateWritesEveryPromptWithItsCompletions() throws IOException {
        Path output = folder.resolve("samples.jsonl");
        GenerateConfig config = GenerateConfig.SCHEMA.read(
                settings("data", GOLDENS.resolve("train.jsonl"), "n", 3, "max_new_tokens", 5, "output", output));
        GenerateRecipe.run(config, System.out, Runs.listener());
        List<JsonNode> rows = lines(Files.readString(output));
        assertThat(rows).hasSize(12);
        for (int r = 0; r < rows.size(); r++) {
            assertThat(rows.get(r).get("row").intValue()).isEqualTo(r + 1);
            assertThat(rows.get(r).get("completions").size()).isEqualTo(3);
            for (JsonNode completion : rows.get(r).get("completions")) {
                boolean stopped = completion.get("finish_reason").stringValue().equals("stop");
                assertThat(completion.get("num_tokens").intValue()).isBetween(stopped ? 0 : 5, stopped ? 4 : 5);
                assertThat(completion.get("logp").doubleValue()).isNegative();
            }
        }
    }
}
