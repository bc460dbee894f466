package org.align4j.recipe;

import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.align4j.AlignException;

/** Lines to a file, which is there whole or not at all, or to standard output. */
final class JsonlOutput implements AutoCloseable {
    private final Path target;
    private final Path unfinished;
    private final Writer writer;
    private final PrintStream standardOutput;

    private JsonlOutput(Path target, Path unfinished, Writer writer, PrintStream standardOutput) {
        this.target = target;
        this.unfinished = unfinished;
        this.writer = writer;
        this.standardOutput = standardOutput;
    }

    static JsonlOutput open(Optional<Path> target, PrintStream standardOutput) {
        if (target.isEmpty()) {
            return new JsonlOutput(null, null, null, standardOutput);
        }
        Path file = target.get().toAbsolutePath();
        if (Files.isDirectory(file)) {
            throw AlignException.usage(target.get() + ": is a folder, expected a file to write");
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            Files.createDirectories(file.getParent());
            return new JsonlOutput(
                    target.get(), unfinished, Files.newBufferedWriter(unfinished, StandardCharsets.UTF_8), null);
        } catch (IOException e) {
            throw failed(target.get(), e);
        }
    }

    /** A folder for rows that memory need not hold: that of the output, or the one for temporary files. */
    static Path scratch(Optional<Path> target) {
        return target.map(file -> file.toAbsolutePath().getParent())
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
    }

    void write(String line) {
        if (writer == null) {
            standardOutput.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
            return;
        }
        try {
            writer.write(line);
            writer.write('\n');
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** All lines are written: gives the file its name. */
    void commit() {
        if (writer == null) {
            standardOutput.flush();
            return;
        }
        try {
            writer.close();
            Files.move(unfinished, target.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    private static AlignException failed(Path target, IOException e) {
        return AlignException.failure(
                target + ": cannot be written: " + e.getMessage() + "; choose another --output or free space", e);
    }

    @Override
    public void close() {
        if (writer != null) {
            try {
                writer.close();
                Files.deleteIfExists(unfinished);
            } catch (IOException e) {
                throw failed(target, e);
            }
        }
    }
}
