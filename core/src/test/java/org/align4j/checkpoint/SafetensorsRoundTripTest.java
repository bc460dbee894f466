package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.align4j.checkpoint.Fixtures.counting;
import static org.align4j.checkpoint.Fixtures.floats;
import static org.align4j.checkpoint.Fixtures.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsRoundTripTest {
    @TempDir
    Path folder;

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter.write(path, List.of(floats("w", new float[] {1f, -2f}, 2)));

        // 1.0f is 00 00 80 3f and -2.0f is 00 00 00 c0 in little-endian order.
        String json = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        int padded = (json.length() + 7) / 8 * 8;
        byte[] bytes = Files.readAllBytes(path);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
                .isEqualTo(padded);
        assertThat(new String(bytes, 8, padded, StandardCharsets.UTF_8))
                .isEqualTo(json + " ".repeat(padded - json.length()));
        assertThat(Arrays.copyOfRange(bytes, 8 + padded, bytes.length))
                .containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
    }

    @Test
    void tensorsComeBackInTheirOrderWithShapesAndValues() {
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter.write(
                path,
                List.of(
                        counting("z", 0, 2, 3),
                        counting("empty", 0, 0, 4),
                        counting("scalar", 7),
                        TensorSource.of(
                                "ids",
                                SafetensorsDtype.I64,
                                new long[] {1},
                                List.of(ByteBuffer.allocate(8).put(7, (byte) 5))),
                        counting("ä \"quoted\"\n", 10, 1)),
                Map.of("format", "pt", "step", "12"));

        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "step", "12"));
            assertThat(file.tensors().keySet()).containsExactly("z", "empty", "scalar", "ids", "ä \"quoted\"\n");
            assertThat(file.tensor("z").shape()).containsExactly(2, 3);
            assertThat(values(file, "z")).containsExactly(0, 1, 2, 3, 4, 5);
            assertThat(file.tensor("empty").shape()).containsExactly(0, 4);
            assertThat(values(file, "empty")).isEmpty();
            assertThat(file.chunks("empty")).isEmpty();
            assertThat(file.tensor("scalar").shape()).isEmpty();
            assertThat(values(file, "scalar")).containsExactly(7);
            assertThat(file.tensor("ids").dtype()).isEqualTo(SafetensorsDtype.I64);
            assertThat(file.bytes("ids").getLong()).isEqualTo(5L << 56);
            assertThat(values(file, "ä \"quoted\"\n")).containsExactly(10);
            assertThat(file.bytes("z").isReadOnly()).isTrue();
        }
    }

    @Test
    void chunksJoinToTheWholeTensor() {
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter.write(path, List.of(counting("first", 0, 3), counting("w", 100, 5)));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<Integer> sizes = new ArrayList<>();
            List<Float> joined = new ArrayList<>();
            for (ByteBuffer chunk : file.chunks("w", 8)) {
                sizes.add(chunk.remaining());
                for (float value : FloatBytes.decode(chunk, SafetensorsDtype.F32)) {
                    joined.add(value);
                }
            }
            assertThat(sizes).containsExactly(8, 8, 4);
            assertThat(joined).containsExactly(100f, 101f, 102f, 103f, 104f);
            assertThat(file.chunks("w")).hasSize(1);
        }
    }

    @Test
    void aTensorOfMoreThanTwoGibibytesIsReadInChunks() throws IOException {
        // A sparse file: 3 GiB long, a few kilobytes on the disk.
        long count = 3L << 30;
        String json = "{\"w\":{\"dtype\":\"U8\",\"shape\":[" + count + "],\"data_offsets\":[0," + count + "]}}";
        Path path = Fixtures.rawFile(folder.resolve("large.safetensors"), json, 0);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.position(8 + json.length() + count - 1).write(ByteBuffer.wrap(new byte[] {42}));
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<ByteBuffer> chunks = file.chunks("w");
            assertThat(chunks).extracting(ByteBuffer::remaining).containsExactly(1 << 30, 1 << 30, 1 << 30);
            assertThat(chunks.get(2).get((1 << 30) - 1)).isEqualTo((byte) 42);
            assertRefused(AlignException.Kind.FAILURE, () -> file.bytes("w"), "\"w\"", "3,221,225,472", "in chunks");
        }
    }

    @Test
    void aTensorIsCopiedFromFileToFileWithoutTheHeap() {
        Path one = folder.resolve("one.safetensors");
        Path two = folder.resolve("two.safetensors");
        SafetensorsWriter.write(one, List.of(counting("w", 3, 2, 2)));
        try (SafetensorsFile file = SafetensorsFile.open(one)) {
            TensorInfo info = file.tensor("w");
            SafetensorsWriter.write(
                    two, List.of(TensorSource.of("copy", info.dtype(), info.shape(), file.chunks("w"))));
        }
        try (SafetensorsFile file = SafetensorsFile.open(two)) {
            assertThat(values(file, "copy")).containsExactly(3, 4, 5, 6);
        }
    }

    @Test
    void namesMustDiffer() {
        assertThatThrownBy(() ->
                        SafetensorsWriter.write(folder.resolve("a"), List.of(counting("w", 0, 1), counting("w", 1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("w");
    }

    @Test
    void aSourceThatWritesTheWrongNumberOfBytesIsNamed() {
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter.write(path, List.of(counting("old", 1, 1)));
        for (int size : new int[] {4, 12}) {
            String word = size < 8 ? "fewer" : "more";
            assertRefused(
                    AlignException.Kind.FAILURE,
                    () -> SafetensorsWriter.write(path, List.of(new Lying(size))),
                    "a.safetensors",
                    "\"liar\"",
                    word,
                    "8 bytes");
        }
        assertThat(Fixtures.names(folder)).containsExactly("a.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(values(file, "old")).containsExactly(1);
        }
    }

    /** Says 8 bytes, writes another number. */
    private record Lying(int size) implements TensorSource {
        @Override
        public String name() {
            return "liar";
        }

        @Override
        public SafetensorsDtype dtype() {
            return SafetensorsDtype.F32;
        }

        @Override
        public long[] shape() {
            return new long[] {2};
        }

        @Override
        public void writeTo(WritableByteChannel channel) throws IOException {
            channel.write(ByteBuffer.allocate(size));
        }
    }
}
