package org.align4j.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;
import org.align4j.AlignException;

/**
 * Scalars for TensorBoard: a file {@code events.out.tfevents.<seconds>.<host>.<pid>} of TFRecords, each holding one
 * protobuf {@code Event}. The few fields that scalars need are encoded here, which spares a protobuf library.
 *
 * <p>Each process of a run writes a file of its own beside those of earlier ones. It begins with a session start at its
 * first step, and TensorBoard then forgets the points from that step on that a process which was killed had written.
 */
public final class TensorBoardWriter implements AutoCloseable {
    /** Tells readers that session starts purge; older formats guess from steps that go back. */
    private static final String FILE_VERSION = "brain.Event:2";

    // Field numbers of event.proto and summary.proto.
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION_LOG = 7;
    private static final int SESSION_LOG_STATUS = 1;
    private static final int SESSION_STATUS_START = 1;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE_VALUE = 2;

    // How a field lies on the wire.
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final Path file;
    private final OutputStream out;
    private final Clock clock;

    private TensorBoardWriter(Path file, OutputStream out, Clock clock) {
        this.file = file;
        this.out = out;
        this.clock = clock;
    }

    /**
     * Begins a file.
     *
     * @param folder made if need be; TensorBoard shows it as one run
     * @param firstStep the first step that this process will write: 1, or the one after a checkpoint
     * @throws AlignException if the file cannot be written
     */
    public static TensorBoardWriter open(Path folder, long firstStep) {
        return open(folder, firstStep, Clock.systemUTC());
    }

    static TensorBoardWriter open(Path folder, long firstStep, Clock clock) {
        String name = "events.out.tfevents.%010d.%s.%d"
                .formatted(
                        clock.instant().getEpochSecond(),
                        host(),
                        ProcessHandle.current().pid());
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            TensorBoardWriter writer = new TensorBoardWriter(file, out, clock);
            writer.begin(firstStep);
            return writer;
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    private void begin(long firstStep) {
        Message version = event(0);
        version.text(EVENT_FILE_VERSION, FILE_VERSION);
        write(version);

        Message start = new Message();
        start.varint(SESSION_LOG_STATUS, SESSION_STATUS_START);
        Message event = event(firstStep);
        event.message(EVENT_SESSION_LOG, start);
        write(event);
    }

    /**
     * Writes the values of a step at once: a killed process loses none.
     *
     * @param values by tag; what stands before a slash groups the charts
     * @throws AlignException if the file cannot be written
     */
    public void scalars(long step, Map<String, ? extends Number> values) {
        Message summary = new Message();
        for (Map.Entry<String, ? extends Number> entry : values.entrySet()) {
            Message value = new Message();
            value.text(VALUE_TAG, entry.getKey());
            value.float32(VALUE_SIMPLE_VALUE, entry.getValue().floatValue());
            summary.message(SUMMARY_VALUE, value);
        }
        Message event = event(step);
        event.message(EVENT_SUMMARY, summary);
        write(event);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    private Message event(long step) {
        Instant now = clock.instant();
        Message event = new Message();
        event.float64(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() / 1e9);
        if (step != 0) {
            event.varint(EVENT_STEP, step); // protobuf leaves zeros out
        }
        return event;
    }

    /** A TFRecord: length, its checksum, the bytes, their checksum. */
    private void write(Message event) {
        byte[] data = event.bytes.toByteArray();
        ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 8));
        record.put(data);
        record.putInt(maskedCrc(data, data.length));
        try {
            out.write(record.array()); // one write and no buffer, so a reader sees whole records
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    /** Rotated and shifted, because a checksum of bytes that end in their own checksum would say nothing. */
    static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // containers may have a name that does not resolve
        }
    }

    private static AlignException cannotWrite(Path file, IOException e) {
        // The message of most file system exceptions is only the path again; their class says what happened.
        return AlignException.failure(
                "%s: cannot be written (%s: %s); check the disk, then run again with --resume"
                        .formatted(file, e.getClass().getSimpleName(), e.getMessage()),
                e);
    }

    /** A protobuf message that grows field by field. */
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void varint(int field, long value) {
            raw(field << 3 | VARINT);
            raw(value);
        }

        void float64(int field, double value) {
            raw(field << 3 | FIXED_64);
            littleEndian(Double.doubleToLongBits(value), 8);
        }

        void float32(int field, float value) {
            raw(field << 3 | FIXED_32);
            littleEndian(Float.floatToIntBits(value), 4);
        }

        void text(int field, String value) {
            bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        void message(int field, Message value) {
            bytes(field, value.bytes.toByteArray());
        }

        private void bytes(int field, byte[] value) {
            raw(field << 3 | BYTES);
            raw(value.length);
            bytes.writeBytes(value);
        }

        /** Seven bits a byte, lowest first; the top bit says that more follow. */
        private void raw(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }

        private void littleEndian(long value, int count) {
            for (int i = 0; i < count; i++) {
                bytes.write((int) (value >>> 8 * i));
            }
        }
    }
}
