package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process killed at random instants, twenty times, ends up with the numbers of one that was left in peace. */
class KillIT {
    private static final Path GOLDENS =
            Path.of("../core/src/test/resources/golden/trl").toAbsolutePath();
    private static final int KILLS = 20;

    @TempDir
    private Path folder;

    private Process start(String output) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "align4j-cli.jar").toAbsolutePath().toString(),
                "dpo",
                "--resume"));
        String[] settings = {
            "model", GOLDENS.resolve("model").toString(),
            "data", GOLDENS.resolve("train.jsonl").toString(),
            "output", folder.resolve(output).toString(),
            "cache-dir", folder.resolve("cache-" + output).toString(),
            "dtype", "float32",
            "train-batch-size", "5",
            "max-steps", "60",
            "save-steps", "2",
            "eval-split", "2",
            "eval-steps", "7"
        };
        for (int i = 0; i < settings.length; i += 2) {
            command.add("--" + settings[i]);
            command.add(settings[i + 1]);
        }
        File log = folder.resolve(output + ".log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private List<String> metrics(String output) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(output).resolve("metrics.jsonl"))) {
            lines.add(line.replaceAll("\"tokens_per_second\":[^,}]*", ""));
        }
        return lines;
    }

    @Test
    void twentyKillsChangeNothing() throws IOException, InterruptedException {
        assertThat(start("whole").waitFor()).isZero();
        SplittableRandom random = new SplittableRandom(20);
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start("killed");
            // From before the first file is written to the middle of training; a later one lives longer.
            if (process.waitFor(100 + random.nextInt(1500), TimeUnit.MILLISECONDS)) {
                assertThat(process.exitValue()).as(log("killed")).isZero();
            }
            process.destroyForcibly().waitFor();
        }
        assertThat(start("killed").waitFor()).as(log("killed")).isZero();
        assertThat(metrics("killed")).isEqualTo(metrics("whole"));
        assertThat(Files.readAllBytes(folder.resolve("killed/model.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole/model.safetensors")));
    }

    private String log(String output) throws IOException {
        return Files.readString(folder.resolve(output + ".log"));
    }
}
