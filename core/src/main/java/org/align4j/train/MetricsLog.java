package org.align4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.checkpoint.AtomicFiles;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code metrics.jsonl}: one object a step, written as soon as the step is done. */
public final class MetricsLog {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path file;

    private MetricsLog(Path file) {
        this.file = file;
    }

    /** Begins a file for a run that goes on after {@code lastStep}: later steps of an older process are cut off. */
    public static MetricsLog after(Path file, int lastStep) {
        StringBuilder kept = new StringBuilder();
        if (Files.exists(file)) {
            for (String line : readLines(file)) {
                if (stepOf(line) <= lastStep) {
                    kept.append(line).append('\n');
                }
            }
        }
        AtomicFiles.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
        return new MetricsLog(file);
    }

    private static List<String> readLines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line that a killed process wrote half of counts as later than any step. */
    private static int stepOf(String line) {
        try {
            JsonNode row = MAPPER.readTree(line);
            return row != null && row.has("step") ? row.get("step").intValue() : Integer.MAX_VALUE;
        } catch (JacksonException e) {
            return Integer.MAX_VALUE;
        }
    }

    public void append(Map<String, Object> metrics) {
        try {
            Files.writeString(
                    file,
                    MAPPER.writeValueAsString(metrics) + "\n",
                    StandardOpenOption.APPEND,
                    StandardOpenOption.CREATE);
        } catch (IOException e) {
            throw AlignException.failure(
                    file + ": cannot be written: " + e.getMessage() + "; free space and run again with --resume", e);
        }
    }
}
