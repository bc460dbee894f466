package org.align4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Closes a stream from which nothing has come for a while, which ends the read that waits for it: a connection may die
 * without a word, and java.net.http waits for its bytes for ever.
 */
final class StallGuard implements AutoCloseable {
    private final InputStream stream;
    private final long stallNanos;
    private final Thread thread;
    private volatile long last = System.nanoTime();
    private volatile boolean stalled;

    StallGuard(InputStream stream, Duration stall) {
        this.stream = stream;
        this.stallNanos = stall.toNanos();
        thread = new Thread(this::watch, "align4j-download-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes have come. */
    void alive() {
        last = System.nanoTime();
    }

    /** The problem that a read of the stream had. */
    IOException explain(IOException problem) {
        return stalled ? new IOException("nothing came for %.0f s".formatted(stallNanos / 1e9), problem) : problem;
    }

    private void watch() {
        try {
            for (long quiet = 0; quiet < stallNanos; quiet = System.nanoTime() - last) {
                Thread.sleep((stallNanos - quiet) / 1_000_000 + 1);
            }
            stalled = true;
            stream.close();
        } catch (InterruptedException | IOException e) {
            // The download has ended by itself.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
