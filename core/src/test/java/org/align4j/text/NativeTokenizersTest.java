package org.align4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library is loaded once in a process, so each case here is a process of its own. */
class NativeTokenizersTest {

    /** What the processes run. */
    static final class Load {
        private Load() {}

        public static void main(String[] arguments) {
            try {
                NativeTokenizers.load();
                System.out.println("loaded, flavor " + System.getProperty("RUST_FLAVOR") + ", tracking opted out "
                        + System.getProperty("OPT_OUT_TRACKING"));
            } catch (AlignException e) {
                System.out.println(e.kind() + " " + e.getMessage());
            }
        }
    }

    @Test
    void aCacheFolderThatCannotBeWrittenIsAFailureThatNamesTheRemedy(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("a file, not a folder"));
        assertThat(run(file.resolve("cache")))
                .startsWith("FAILURE the native tokenizers library could not be loaded (")
                .contains("a file, not a folder")
                .endsWith("choose another one with -DDJL_CACHE_DIR=FOLDER")
                .hasLineCount(1);
    }

    @Test
    void theProcessorBuildIsTakenFromTheJarAndNothingIsReported(@TempDir Path folder) throws Exception {
        assertThat(run(folder)).isEqualTo("loaded, flavor cpu, tracking opted out true");
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile))
                    .allMatch(file -> file.toString().contains("cpu"));
        }
    }

    private static String run(Path cacheFolder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-DDJL_CACHE_DIR=" + cacheFolder,
                        Load.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }
}
