package org.align4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.align4j.AlignException;

/**
 * Holds other threads and other processes of align4j off a blob while it is downloaded. The file stays, as
 * huggingface_hub's do: taking it away would let two in.
 */
final class BlobLock implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    /** File locks are a process's, so its threads need one of their own. */
    private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

    private final ReentrantLock inProcess;
    private final FileChannel channel;

    private BlobLock(ReentrantLock inProcess, FileChannel channel) {
        this.inProcess = inProcess;
        this.channel = channel;
    }

    /**
     * Waits until nobody else has it.
     *
     * @param waiting called again and again while somebody has; what it throws ends the waiting
     */
    static BlobLock take(Path file, Runnable waiting) throws IOException {
        Files.createDirectories(file.getParent());
        ReentrantLock inProcess =
                IN_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
        try {
            while (!inProcess.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                waiting.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AlignException.failure(file + ": interrupted while another thread downloads", e);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            while (lock == null) {
                waiting.run();
                Thread.sleep(POLL_MILLIS);
                lock = channel.tryLock();
            }
            return new BlobLock(inProcess, channel);
        } catch (InterruptedException e) {
            new BlobLock(inProcess, channel).close();
            Thread.currentThread().interrupt();
            throw AlignException.failure(file + ": interrupted while another process downloads", e);
        } catch (IOException | RuntimeException | Error e) {
            new BlobLock(inProcess, channel).close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close(); // gives the file's lock back
            }
        } finally {
            inProcess.unlock();
        }
    }
}
