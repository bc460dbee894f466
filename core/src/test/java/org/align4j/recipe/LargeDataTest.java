package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows may be more than the memory that a process has. */
class LargeDataTest {
    private static final int ROWS = 40_000;
    private static final Path MODEL = Path.of("src/test/resources/golden/trl/model");

    /** Of whole words, so that reading them takes no longer than it must. */
    static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [{"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
                               "normalized": false, "special": true}],
             "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "<unk>",
                       "vocab": {"<unk>": 0, "</s>": 1, "better": 2, "worse": 3, "than": 4}}}
            """;

    @TempDir
    private Path folder;

    /** A process that may use 24 MB for Java's objects aligns a model with 50 MB of preferences. */
    @Test
    void trainsOnMoreRowsThanMemoryHolds() throws Exception {
        Path data = file(rows(ROWS, 600, 9));
        List<String> log = inLittleMemory("24m", "train", data);
        assertThat(log)
                .contains(
                        "preferences.jsonl (training): 39,900 of 39,900 rows kept",
                        "preferences.jsonl (evaluation): 100 of 100 rows kept");
        assertThat(Runs.metrics(folder.resolve("out"))).hasSize(3); // before, and two steps
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith(".tmp"));
        }
    }

    /** And completes as many prompts, the last as it would without those before. */
    @Test
    void completesMorePromptsThanMemoryHolds() throws Exception {
        inLittleMemory("24m", "generate", file(rows(ROWS, 600, 9)));
        List<String> lines = Files.readAllLines(folder.resolve("samples.jsonl"));
        assertThat(lines).hasSize(ROWS);
        int last = ROWS % 256; // what is computed together
        Path data = Files.write(
                folder.resolve("last.jsonl"),
                rows(ROWS, 600, 9).skip(ROWS - last).toList());
        generate(folder.resolve("model"), data, folder.resolve("last-samples.jsonl"));
        assertThat(Files.readAllLines(folder.resolve("last-samples.jsonl")))
                .map(LargeDataTest::withoutNumber)
                .isEqualTo(lines.subList(ROWS - last, ROWS).stream()
                        .map(LargeDataTest::withoutNumber)
                        .toList());
    }

    private static String withoutNumber(String line) {
        return line.replaceFirst("\"row\":\\d+", "");
    }

    /** In 32 MB it looks at 150,000 rows: of each some 50 bytes may be kept. */
    @Test
    void inspectsMoreRowsThanMemoryHolds() throws Exception {
        assertThat(inLittleMemory("32m", "inspect", file(rows(150_000, 1, 4))))
                .contains(
                        "150,000 good rows: plain text",
                        "  0 rows stand here twice; 0 more have the prompt of an earlier row",
                        "  150,000 of 150,000 rows kept",
                        "completions in tokens: shortest 14, median 14, 90 % up to 14, longest 14");
    }

    /** What a process says that has no more for Java's objects. */
    private List<String> inLittleMemory(String heap, String job, Path data) throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(MODEL.resolve(file), model.resolve(file));
        }
        Files.writeString(model.resolve("tokenizer.json"), TOKENIZER);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeDataTest.class.getName(),
                        job,
                        folder.toString(),
                        model.toString(),
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(log);
    }

    /** Pairs whose prompts have few tokens and one long word, with long completions. */
    private static Stream<String> rows(int count, int letters, int repetitions) {
        String words = " better than abcdefghijklmnopqrst".repeat(repetitions);
        String word = "a".repeat(letters);
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"prompt\": \"What is " + i + " " + word + " ?\", \"chosen\": \" better" + words
                        + "\", \"rejected\": \" worse" + words + "\"}");
    }

    /** More than 50 MB of them. */
    private Path file(Stream<String> rows) throws IOException {
        Path file = Files.write(folder.resolve("preferences.jsonl"), (Iterable<String>) rows::iterator);
        assertThat(Files.size(file)).isGreaterThan(50_000_000);
        return file;
    }

    /** What the process does. */
    public static void main(String[] args) {
        if (args[0].equals("generate")) {
            generate(Path.of(args[2]), Path.of(args[3]), Path.of(args[1], "samples.jsonl"));
            return;
        }
        if (args[0].equals("inspect")) {
            InspectConfig config = InspectConfig.SCHEMA.read(
                    Map.of("model", new Setting(args[2], "test"), "data", new Setting(args[3], "test")));
            InspectRecipe.run(config, System.out, false, Runs.listener());
            return;
        }
        DpoConfig config = Runs.config(
                Path.of(args[1]),
                "model",
                args[2],
                "data",
                args[3],
                "eval_split",
                100,
                "train_batch_size",
                4,
                "max_steps",
                2,
                "save_steps",
                0);
        Runs.Listener listener = Runs.listener();
        RunResult result = DpoRecipe.run(config, listener);
        listener.messages.forEach(System.out::println);
        assertThat(result.finished()).isTrue();
    }

    private static void generate(Path model, Path data, Path output) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        Map.of("model", model, "data", data, "output", output, "max_new_tokens", 2)
                .forEach((key, value) -> settings.put(key, new Setting(value.toString(), "test")));
        GenerateRecipe.run(GenerateConfig.SCHEMA.read(settings), System.out, Runs.listener());
    }
}
