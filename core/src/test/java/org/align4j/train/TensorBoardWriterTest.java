package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000, 250_000_000), ZoneOffset.UTC);

    @TempDir
    Path folder;

    /** The bytes are those of TensorBoard's own RecordWriter and event_pb2 (2.21.0) for the same three events. */
    @Test
    void writesTheBytesThatTensorBoardWrites() throws IOException {
        Map<String, Number> values = new LinkedHashMap<>();
        values.put("train/loss", 0.625);
        values.put("train/rewards/margins", -1.5f);
        try (TensorBoardWriter writer = TensorBoardWriter.open(folder, 300, CLOCK)) {
            writer.scalars(300, values);
        }
        String version = "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9";
        String start = "100000000000000095fbfe180900001040fc54d94110ac023a0208016b3b88f1";
        String scalars = "3f00000000000000516576610900001040fc54d94110ac022a310a110a0a747261696e2f6c6f7373150000203f"
                + "0a1c0a15747261696e2f726577617264732f6d617267696e73150000c0bf444ff52f";
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file()))).isEqualTo(version + start + scalars);
    }

    @Test
    void namesTheFileAsTensorBoardExpects() throws IOException {
        TensorBoardWriter.open(folder.resolve("made/if/need/be"), 1, CLOCK).close();
        try (Stream<Path> files = Files.list(folder.resolve("made/if/need/be"))) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .singleElement()
                    .asString()
                    .startsWith("events.out.tfevents.1700000000.")
                    .endsWith("." + ProcessHandle.current().pid());
        }
    }

    @Test
    void everyStepIsOnDiskAtOnce() throws IOException {
        try (TensorBoardWriter writer = TensorBoardWriter.open(folder, 1, CLOCK)) {
            for (int step = 1; step <= 200; step++) {
                writer.scalars(step, Map.of("loss", step));
                assertThat(records()).hasSize(2 + step);
            }
        }
        // Wall time (9 bytes), then the step as a varint: 200 is 0xc8 0x01.
        byte[] last = records().get(201);
        assertThat(last).startsWith(0x09).endsWith(0x15, 0x00, 0x00, 0x48, 0x43); // 200f is 0x43480000
        assertThat(new byte[] {last[9], last[10], last[11]}).containsExactly(0x10, 0xc8, 0x01);
    }

    @Test
    void beginsAtStepZeroWithoutTheField() throws IOException {
        TensorBoardWriter.open(folder, 0, CLOCK).close();
        assertThat(records().get(1)).endsWith(0x3a, 0x02, 0x08, 0x01).hasSize(9 + 4);
    }

    /** RFC 3720, B.4: the CRC32C of 32 zeros is 0x8a9136aa. */
    @Test
    void masksTheChecksum() {
        int crc = 0x8a9136aa;
        assertThat(TensorBoardWriter.maskedCrc(new byte[32], 32)).isEqualTo((crc >>> 15 | crc << 17) + 0xa282ead8);
    }

    @Test
    void saysWhatCannotBeWritten() throws IOException {
        Path notAFolder = Files.createFile(folder.resolve("taken"));
        assertThatThrownBy(() -> TensorBoardWriter.open(notAFolder, 1, CLOCK))
                .isInstanceOf(AlignException.class)
                .hasMessageStartingWith(notAFolder + "/events.out.tfevents.1700000000.")
                .hasMessageEndingWith(": cannot be written (FileAlreadyExistsException: " + notAFolder
                        + "); check the disk, then run again with --resume");
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }

    /** The payloads, after their lengths and checksums were checked. */
    private List<byte[]> records() throws IOException {
        byte[] bytes = Files.readAllBytes(file());
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(in.position(), length);
            byte[] data = new byte[(int) in.getLong()];
            assertThat(in.getInt()).isEqualTo(TensorBoardWriter.maskedCrc(length, 8));
            in.get(data);
            assertThat(in.getInt()).isEqualTo(TensorBoardWriter.maskedCrc(data, data.length));
            records.add(data);
        }
        return records;
    }
}
