package org.align4j.gguf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.align4j.AlignException;

/**
 * A GGUF file opened for reading. The header is checked on opening; data are memory-mapped when asked for, so a file may
 * be larger than memory. Buffers stay valid after {@link #close()}; they are read-only and little-endian.
 */
public final class GgufFile implements AutoCloseable {
    /** More than metadata and tensor infos of any real file take: those of large vocabularies are about 20 MB. */
    private static final long LONGEST_HEAD = 128L << 20;

    private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};

    private final Path path;
    private final FileChannel channel;
    private final GgufHeader header;

    private GgufFile(Path path, FileChannel channel, GgufHeader header) {
        this.path = path;
        this.channel = channel;
        this.header = header;
    }

    /** Whether a path is that of a GGUF file, by its name or by how it begins. */
    public static boolean isOne(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        if (path.toString().endsWith(".gguf")) {
            return true;
        }
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Opens and checks a file.
     *
     * @throws AlignException if it is missing, unreadable or damaged in any way; nothing but the header is read
     */
    public static GgufFile open(Path path) {
        String where = path.toString();
        FileChannel channel = null;
        GgufFile file = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            long size = channel.size();
            ByteBuffer head = channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(size, LONGEST_HEAD))
                    .order(ByteOrder.LITTLE_ENDIAN);
            file = new GgufFile(path, channel, GgufHeader.read(head, size, where));
            return file;
        } catch (NoSuchFileException e) {
            throw AlignException.usage(where + ": no such file; check the path");
        } catch (IOException e) {
            throw unreadable(path, e);
        } finally {
            if (file == null) {
                closeQuietly(channel);
            }
        }
    }

    public Path path() {
        return path;
    }

    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** All tensors by name, in the order of the file. */
    public Map<String, GgufTensor> tensors() {
        return header.tensors();
    }

    /**
     * Some of a tensor's values as they are stored.
     *
     * @param from the first value, a multiple of the block size
     * @param count how many, likewise; at most 2 GiB
     */
    public ByteBuffer bytes(GgufTensor tensor, long from, long count) {
        try {
            return channel.map(
                            FileChannel.MapMode.READ_ONLY,
                            header.dataStart() + tensor.offset() + tensor.type().bytes(from),
                            tensor.type().bytes(count))
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * Some of a tensor's values as float32.
     *
     * @param from the first value, a multiple of the block size
     * @param count how many, likewise
     */
    public float[] floats(GgufTensor tensor, long from, int count) {
        float[] values = new float[count];
        tensor.type().decode(bytes(tensor, from, count), values);
        return values;
    }

    /** Reads bytes of the file as it is; −1 at its end. */
    public int read(ByteBuffer target, long position) {
        try {
            return channel.read(target, position);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static AlignException unreadable(Path path, IOException e) {
        return AlignException.failure(
                path + ": cannot be read (" + e.getMessage() + "); check the disk and run again", e);
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    /** Nothing was written, so there is nothing that a failing close could lose. */
    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            return;
        }
    }
}
