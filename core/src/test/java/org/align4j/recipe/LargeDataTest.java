package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows may be more than the memory that a process has. */
class LargeDataTest {
    private static final Path MODEL = Path.of("src/test/resources/golden/trl/model");
    private static final int ROWS = 40_000;

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
        Path data = folder.resolve("preferences.jsonl");
        write(data);
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
        assertThat(Files.readAllLines(log))
                .contains(
                        "preferences.jsonl (training): 39,900 of 39,900 rows kept",
                        "preferences.jsonl (evaluation): 100 of 100 rows kept");
        assertThat(Runs.metrics(folder.resolve("out"))).hasSize(3); // before, and two steps
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith(".tmp"));
        }
    }

    private static void write(Path file) throws IOException {
        String words = " better than abcdefghijklmnopqrst".repeat(19);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < ROWS; i++) {
                out.write("{\"prompt\": \"What is " + i + "?\", \"chosen\": \" better" + words
                        + "\", \"rejected\": \" worse" + words + "\"}\n");
            }
        }
    }

    /** What the process does. */
    public static void main(String[] args) {
        DpoConfig config = Runs.config(
                Path.of(args[0]),
                "model",
                args[1],
                "data",
                args[2],
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
