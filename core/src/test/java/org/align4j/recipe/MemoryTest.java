package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native memory is freed step by step: a long run holds no more than a short one. */
class MemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    @Test
    void residentMemoryStaysWithinFivePercentFromStep50ToStep400() {
        assumeTrue(Files.exists(STATUS), "this system does not tell resident memory in /proc/self/status");
        DpoConfig config = Runs.config(
                folder,
                "model",
                GOLDENS.resolve("model"),
                "data",
                GOLDENS.resolve("train.jsonl"),
                "train_batch_size",
                4,
                "max_steps",
                400,
                "save_steps",
                0);
        Map<Integer, Double> resident = new HashMap<>();
        DpoRecipe.run(config, new RunListener() {
            @Override
            public void message(String line) {}

            @Override
            public void preparing(String what, int done, int total) {}

            @Override
            public void step(int step, int totalSteps, Map<String, Object> metrics) {
                if (step == 50 || step == 400) {
                    System.gc(); // what the Java heap has not swept yet is not what is measured
                    resident.put(step, residentMegabytes());
                }
            }

            @Override
            public boolean stopRequested() {
                return false;
            }
        });
        assertThat(resident.get(400) / resident.get(50)).isLessThan(1.05);
    }

    private static double residentMegabytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
            throw new IllegalStateException("no VmRSS in " + STATUS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
