package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFilesTest {
    /** As Python's json.dump(…, indent=2) writes it. */
    private static final String PYTHON = """
            {
              "architectures": [
                "LlamaForCausalLM"
              ],
              "empty": [],
              "none": {},
              "rope": {
                "theta": 10000.0
              },
              "name": "Grüße",
              "pad_token_id": null,
              "time_step_limit": [
                0.0,
                Infinity
              ],
              "not": NaN,
              "large": 123456789012345678901234567890
            }
            """;

    @TempDir
    Path folder;

    @Test
    void whatPythonWroteIsWrittenAgainByteForByte() throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), PYTHON);
        JsonFiles.write(folder.resolve("copy.json"), JsonFiles.readObject(file));
        assertThat(Files.readString(folder.resolve("copy.json"))).isEqualTo(PYTHON);
    }

    @Test
    void aMissingFileIsNamed() {
        assertRefused(
                AlignException.Kind.USAGE,
                () -> JsonFiles.readObject(folder.resolve("config.json")),
                "config.json: no such file",
                "check the path");
    }
}
