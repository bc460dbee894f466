package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process ends with; the codes of mistakes are in {@link BadInputTest}. */
class ExitCodeTest {
    private static final Path GOLDENS = Path.of("../core/src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Align4j.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void everyKindOfEndHasItsCode() throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\n");
        String model = GOLDENS.resolve("model").toString();
        assertThat(exitCode(start("--version"))).isZero();
        assertThat(exitCode(start("dpo", "--modle", model))).isEqualTo(2);
        assertThat(exitCode(start("score", "--model", model, "--data", bad.toString())))
                .isEqualTo(3);
        assertThat(exitCode(start("score", "--model", model, "--data", bad.toString(), "--output", bad + "/x")))
                .isEqualTo(1);
    }

    /** It keeps nothing to go on with, whatever the training within it keeps. */
    @Test
    void aQuickstartThatIsStoppedSaysThatItBeginsAnew() throws Exception {
        Process quickstart =
                start("quickstart", "--output", folder.resolve("quick").toString());
        try (BufferedReader out = quickstart.inputReader()) {
            String line = out.readLine();
            while (!line.startsWith("step ")) {
                line = out.readLine();
            }
            quickstart.toHandle().destroy();
            List<String> rest = out.lines().toList();
            assertThat(rest.get(rest.size() - 1)).startsWith("stopped; the next quickstart begins anew");
            assertThat(rest).noneMatch(each -> each.contains("nothing to save"));
        }
        assertThat(exitCode(quickstart)).isEqualTo(143);
    }
}
