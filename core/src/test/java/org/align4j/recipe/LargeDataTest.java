package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
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
    private static final Path MODEL = Path.of("src/test/resources/golden/trl/model");
    private static final int ROWS = 40_000;

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
        List<String> log = inLittleMemory("train");
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
        inLittleMemory("generate");
        List<String> lines = Files.readAllLines(folder.resolve("samples.jsonl"));
        assertThat(lines).hasSize(ROWS);
        int last = ROWS % 256; // what is computed together
        Path data = Files.write(
                folder.resolve("last.jsonl"), rows().skip(ROWS - last).toList());
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

    /** What the process said. */
    private List<String> inLittleMemory(String what) throws Exception {
        Path data = folder.resolve("preferences.jsonl");
        try (BufferedWriter out = Files.newBufferedWriter(data)) {
            for (String row : (Iterable<String>) rows()::iterator) {
                out.write(row + "\n");
            }
        }
        assertThat(Files.size(data)).isGreaterThan(50_000_000);
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(MODEL.resolve(file), model.resolve(file));
        }
        Files.writeString(model.resolve("tokenizer.json"), TOKENIZER);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeDataTest.class.getName(),
                        what,
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

    /** Rows with a long prompt of few tokens, and long completions. */
    private static Stream<String> rows() {
        String words = " better than abcdefghijklmnopqrst".repeat(9);
        String word = "abcdefghij".repeat(60);
        return IntStream.range(0, ROWS)
                .mapToObj(i -> "{\"prompt\": \"What is " + i + " " + word + " ?\", \"chosen\": \" better" + words
                        + "\", \"rejected\": \" worse" + words + "\"}");
    }

    /** What the process does. */
    public static void main(String[] args) {
        if (args[0].equals("generate")) {
            generate(Path.of(args[2]), Path.of(args[3]), Path.of(args[1], "samples.jsonl"));
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
