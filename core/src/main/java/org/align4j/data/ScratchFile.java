package org.align4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.align4j.AlignException;

/**
 * A file for what memory need not hold: pieces of bytes are put at its end and read again by their place. It ends with the
 * process, however that ends. For a single thread.
 */
public final class ScratchFile implements AutoCloseable {
    private static final int BUFFER = 1 << 20;

    private final Path folder;
    private final FileChannel file;
    private final ByteBuffer unwritten = ByteBuffer.allocate(BUFFER);
    private long written;

    private ScratchFile(Path folder, FileChannel file) {
        this.folder = folder;
        this.file = file;
    }

    /**
     * @param folder where there is room for it; it is made if it is not there
     * @throws AlignException if nothing can be written there
     */
    public static ScratchFile in(Path folder) {
        try {
            Files.createDirectories(folder);
            Path path = folder.resolve(".tmp-align4j-" + UUID.randomUUID());
            // Unix takes the name away at once, Windows when the last handle is gone: also after a kill nothing is
            // left.
            return new ScratchFile(
                    folder,
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE));
        } catch (IOException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
            throw AlignException.failure(
                    folder + ": no temporary file for rows can be made here (" + reason
                            + "); change its permissions or choose another folder",
                    e);
        }
    }

    /**
     * Puts bytes at the end.
     *
     * @return the place of the first
     * @throws AlignException if the disk is full
     */
    public long append(ByteBuffer bytes) {
        long place = size();
        if (bytes.remaining() > unwritten.remaining()) {
            flush();
        }
        if (bytes.remaining() > unwritten.remaining()) {
            write(bytes);
        } else {
            unwritten.put(bytes);
        }
        return place;
    }

    /** Bytes put in so far. */
    public long size() {
        return written + unwritten.position();
    }

    /** The {@code count} bytes from a place on. */
    public ByteBuffer read(long place, int count) {
        flush();
        ByteBuffer bytes = ByteBuffer.allocate(count);
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, place + bytes.position()) < 0) {
                    throw new IOException("it is shorter than what was written");
                }
            }
        } catch (IOException e) {
            throw AlignException.failure(
                    folder + ": a temporary file cannot be read again (" + e.getMessage()
                            + "); check the disk and run again",
                    e);
        }
        return bytes.flip();
    }

    private void flush() {
        if (unwritten.position() > 0) {
            unwritten.flip();
            write(unwritten);
            unwritten.clear();
        }
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                written += file.write(bytes, written);
            }
        } catch (IOException e) {
            throw AlignException.failure(
                    "%s: the temporary file for rows cannot grow beyond %,d MB (%s)%s; free some space, or choose a folder on another disk"
                            .formatted(folder, written >> 20, e.getMessage(), free()),
                    e);
        }
    }

    private String free() {
        try {
            return ", %,d MB are free".formatted(Files.getFileStore(folder).getUsableSpace() >> 20);
        } catch (IOException unknown) {
            return "";
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            return; // nothing in it is wanted any more
        }
    }
}
