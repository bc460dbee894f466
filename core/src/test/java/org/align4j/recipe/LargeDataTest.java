package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows may be more than the memory that a process has. */
class LargeDataTest {
    private static final Path MODEL = Path.of("src/test/resources/golden/trl/model");

    /** Of whole words, so that reading them takes no longer than it must. */
    private static final String TOKENIZER = """
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
        Path data = preferences(40_000, 19);
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

    /** In 32 MB it looks at 150,000 rows: of each some 50 bytes may be kept. */
    @Test
    void inspectsMoreRowsThanMemoryHolds() throws Exception {
        Path data = preferences(150_000, 4);
        assertThat(inLittleMemory("32m", "inspect", data))
                .contains(
                        "150,000 good rows: plain text",
                        "  0 rows stand here twice; 0 more have the prompt of an earlier row",
                        "  150,000 of 150,000 rows kept",
                        "completions in tokens: shortest 13, median 13, 90 % up to 13, longest 13");
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

    /** More than 50 MB of pairs whose prompts all differ. */
    private Path preferences(int rows, int repetitions) throws IOException {
        Path file = folder.resolve("preferences.jsonl");
        String words = " better than abcdefghijklmnopqrst".repeat(repetitions);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < rows; i++) {
                out.write("{\"prompt\": \"What is " + i + "?\", \"chosen\": \" better" + words
                        + "\", \"rejected\": \" worse" + words + "\"}\n");
            }
        }
        assertThat(Files.size(file)).isGreaterThan(50_000_000);
        return file;
    }

    /** What the process does. */
    public static void main(String[] args) {
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
}
