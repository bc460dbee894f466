package org.align4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.io.TempDir;

/** Calls the program with what a user may get wrong, and looks at what it says and leaves behind. */
abstract class MistakeTest {
    static final Path GOLDENS = Path.of("../core/src/test/resources/golden/trl");
    static final String GOOD = "{\"prompt\":\"The sky\",\"chosen\":\" is blue.\",\"rejected\":\" is red.\"}\n";
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int BAD = 3;

    @TempDir
    Path folder;

    Path model;
    final List<DynamicTest> cases = new ArrayList<>();
    int count;

    /** Prepares a case and returns the arguments of the command. */
    @FunctionalInterface
    interface Preparation {
        List<String> arguments() throws IOException;
    }

    void fails(String name, int code, Preparation preparation, String... words) {
        cases.add(DynamicTest.dynamicTest(name, () -> {
            count++;
            model = folder.resolve("model" + count);
            DamagedModel.copy(GOLDENS.resolve("model"), model);
            List<String> arguments = preparation.arguments();
            TreeMap<String, String> before = contents();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            PrintStream realErr = System.err;
            int got;
            try {
                System.setErr(new PrintStream(err, true, UTF_8));
                got = Align4j.run(arguments.toArray(new String[0]));
            } finally {
                System.setErr(realErr);
            }
            List<String> lines = err.toString(UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("align4j: "))
                    .toList();
            assertThat(lines).as(err.toString(UTF_8)).hasSize(1);
            assertThat(err.toString(UTF_8)).doesNotContain("\tat ").doesNotContain("internal error");
            for (String word : words) {
                assertThat(lines.get(0)).contains(word);
            }
            assertThat(got).as(lines.get(0)).isEqualTo(code);
            TreeMap<String, String> after = contents();
            after.keySet().removeIf(path -> path.contains("/fresh/")); // of a run that began
            before.keySet().removeIf(path -> path.contains("/fresh/"));
            assertThat(after).isEqualTo(before);
            Path output = folder.resolve("fresh/out" + count);
            assertThat(!Files.exists(output) || output.toFile().list().length > 0)
                    .as("an empty output folder is left")
                    .isTrue();
        }));
    }

    @BeforeEach
    void reset() {
        count = 0;
        cases.clear();
    }

    /** All files but locks, by content. */
    TreeMap<String, String> contents() throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.toString(), Arrays.hashCode(Files.readAllBytes(file)) + "");
            }
        }
        return contents;
    }

    DamagedModel damaged() {
        return new DamagedModel(model);
    }

    Path data(String content) throws IOException {
        return data(content.getBytes(UTF_8));
    }

    Path data(byte[] content) throws IOException {
        Path file = folder.resolve("rows" + count + ".jsonl");
        Files.write(file, content);
        return file;
    }

    List<String> dpo(Object data, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "dpo",
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--output",
                fresh(),
                "--max-steps",
                "1"));
        arguments.addAll(List.of(
                "--dtype",
                "float32",
                "--cache-dir",
                folder.resolve("fresh/cache").toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    String fresh() {
        return folder.resolve("fresh/out" + count).toString();
    }

    List<String> good(String... more) throws IOException {
        return dpo(data(GOOD), more);
    }

    @FunctionalInterface
    interface Damage {
        void apply() throws IOException;
    }
}
