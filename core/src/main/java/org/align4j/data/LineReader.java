package org.align4j.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The lines of a file, which can be given back to be read again. */
final class LineReader {
    /** A line with its end; {@code bytes} is null where it is longer than a row may be. */
    record Line(long number, byte[] bytes, long size) {}

    private final InputStream in;
    private final byte[] chunk = new byte[1 << 16]; // read by hand: a BufferedInputStream locks at every byte
    private final Deque<Line> again = new ArrayDeque<>();
    private int chunkAt;
    private int chunkEnd;
    private long count;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The next line, or null after the last. */
    Line next() throws IOException {
        if (!again.isEmpty()) {
            return again.poll();
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long size = 0;
        for (boolean ended = false; !ended && fill(); ) {
            int end = chunkAt;
            while (!ended && end < chunkEnd) {
                ended = chunk[end++] == '\n';
            }
            size += end - chunkAt;
            if (size <= JsonRows.MAX_ROW_BYTES) {
                line.write(chunk, chunkAt, end - chunkAt);
            }
            chunkAt = end;
        }
        return size == 0 ? null : new Line(++count, size <= JsonRows.MAX_ROW_BYTES ? line.toByteArray() : null, size);
    }

    private boolean fill() throws IOException {
        if (chunkAt == chunkEnd) {
            chunkAt = 0;
            chunkEnd = Math.max(0, in.read(chunk));
        }
        return chunkEnd > 0;
    }

    /** @param lines that were just read, in their order */
    void giveBack(List<Line> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            again.addFirst(lines.get(i));
        }
    }
}
