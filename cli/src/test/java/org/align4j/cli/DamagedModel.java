package org.align4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** A copy of a model folder, and ways to break it byte by byte. */
record DamagedModel(Path folder) {

    @FunctionalInterface
    interface Edit {
        byte[] of(byte[] bytes) throws IOException;
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    void edit(String file, Edit edit) throws IOException {
        Path path = folder.resolve(file);
        Files.write(path, edit.of(Files.readAllBytes(path)));
    }

    void replace(String file, String from, String to) throws IOException {
        edit(file, bytes -> {
            String text = new String(bytes, UTF_8);
            assertThat(text).containsPattern(from);
            return text.replaceFirst(from, to).getBytes(UTF_8);
        });
    }

    /** Rewrites the header of model.safetensors, keeping the data. */
    void header(String from, String to) throws IOException {
        edit("model.safetensors", bytes -> {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int length = (int) buffer.getLong();
            String header = new String(bytes, 8, length, UTF_8);
            assertThat(header).containsPattern(from);
            byte[] changed = header.replaceFirst(from, to).getBytes(UTF_8);
            ByteBuffer result = ByteBuffer.allocate(8 + changed.length + bytes.length - 8 - length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            return result.putLong(changed.length)
                    .put(changed)
                    .put(bytes, 8 + length, bytes.length - 8 - length)
                    .array();
        });
    }
}
