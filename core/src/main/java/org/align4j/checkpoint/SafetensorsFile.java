package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;

/**
 * A safetensors file opened for reading. The header is checked on opening; tensors are memory-mapped when asked for and
 * never copied to the heap, so a file may be larger than memory.
 *
 * <p>Buffers stay valid after {@link #close()}: Java 17 unmaps them when nobody refers to them any more. They are
 * read-only and little-endian. A file must not be shortened while it is mapped (replacing it by a rename is fine).
 */
public final class SafetensorsFile implements WeightFile {
    /** The largest piece in bytes: below what a buffer can hold, and a multiple of every element size. */
    static final long CHUNK = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
        this.path = path;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens and checks a file.
     *
     * @throws AlignException if it is missing, unreadable or damaged in any way; nothing but the header is read
     */
    public static SafetensorsFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw AlignException.usage(OneLine.text(path) + ": is a folder, expected a .safetensors file");
        }
        FileChannel channel = null;
        SafetensorsFile file = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            file = new SafetensorsFile(path, channel, SafetensorsHeader.read(channel, OneLine.text(path)));
            return file;
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        } finally {
            if (file == null) {
                closeQuietly(channel);
            }
        }
    }

    @Override
    public Path path() {
        return path;
    }

    /** The strings under {@code __metadata__}, such as {@code format=pt}. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** All tensors by name, in the order of their data. */
    @Override
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /** @throws AlignException if there is no such tensor */
    public TensorInfo tensor(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw AlignException.badInput(OneLine.text(path) + ": has no tensor " + OneLine.name(name) + ", only "
                    + OneLine.names(header.tensors().keySet()) + "; check the name");
        }
        return info;
    }

    /**
     * A tensor's bytes in one piece.
     *
     * @throws AlignException if there is no such tensor, or it is larger than a buffer can be: then take
     *     {@link #chunks}
     */
    @Override
    public ByteBuffer bytes(String name) {
        TensorInfo info = tensor(name);
        if (info.byteCount() > Integer.MAX_VALUE) {
            throw AlignException.failure(OneLine.text(path) + ": tensor " + OneLine.name(name) + " has "
                    + OneLine.bytes(info.byteCount()) + ", one buffer holds at most 2 GiB; read it in chunks");
        }
        return map(info.begin(), info.byteCount());
    }

    /** A tensor's bytes in order, in pieces of at most 1 GiB that hold whole elements. An empty tensor has none. */
    @Override
    public List<ByteBuffer> chunks(String name) {
        return chunks(name, CHUNK);
    }

    /** @param largest size of a piece in bytes, a multiple of the element size */
    List<ByteBuffer> chunks(String name, long largest) {
        return chunks(tensor(name).begin(), tensor(name).end(), largest);
    }

    /** The same for {@code count} of its bytes, beginning with byte {@code from}. */
    @Override
    public List<ByteBuffer> chunks(String name, long from, long count) {
        long begin = tensor(name).begin() + from;
        return chunks(begin, begin + count, CHUNK);
    }

    private List<ByteBuffer> chunks(long from, long to, long largest) {
        List<ByteBuffer> chunks = new ArrayList<>();
        for (long begin = from; begin < to; begin += largest) {
            chunks.add(map(begin, Math.min(largest, to - begin)));
        }
        return chunks;
    }

    /**
     * Reads bytes of the file as it is, header included, for what goes through all of it once: pages that are mapped
     * count as resident until the next garbage collection.
     *
     * @return how many were read, −1 at the end of the file
     */
    @Override
    public int read(ByteBuffer target, long position) {
        try {
            return channel.read(target, position);
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        }
    }

    /** @param begin first byte, counted from the end of the header */
    private ByteBuffer map(long begin, long count) {
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, header.dataStart() + begin, count)
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        }
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
