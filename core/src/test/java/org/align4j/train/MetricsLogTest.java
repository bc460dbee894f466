package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir
    Path folder;

    @Test
    void writesOneObjectALineAtOnce() throws Exception {
        Path file = folder.resolve("metrics.jsonl");
        MetricsLog log = MetricsLog.after(file, 0);
        log.append(Map.of("step", 1));
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n");
        log.append(Map.of("step", 2));
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n");
    }

    @Test
    void cutsWhatCameAfterTheCheckpointAndHalfALine() throws Exception {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, "{\"step\":1,\"loss\":0.5}\n{\"step\":2}\n{\"step\":3}\n{\"step\":4,\"lo");
        MetricsLog log = MetricsLog.after(file, 2);
        log.append(Map.of("step", 3));
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1,\"loss\":0.5}\n{\"step\":2}\n{\"step\":3}\n");
    }
}
