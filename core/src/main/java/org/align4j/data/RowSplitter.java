package org.align4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.align4j.Words;

/**
 * Cuts a file into the bytes of its rows without understanding them: lines of a JSONL file, or the elements of a JSON
 * array. Which of the two it is, the first character that is not a space tells. A row that is broken inside, too long
 * or not even UTF-8 therefore never takes the rows after it along.
 */
final class RowSplitter implements RawRows {
    private static final int END = -1;

    private final InputStream in;
    private final int maxBytes;
    private final byte[] chunk = new byte[1 << 16]; // read by hand: a BufferedInputStream locks at every byte
    private int chunkAt;
    private int chunkEnd;

    private boolean array;
    private boolean started;
    private boolean finished;
    private long row;

    private byte[] buffer = new byte[8192];
    private int length;
    private long skipped;

    RowSplitter(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    @Override
    public long row() {
        return row;
    }

    @Override
    public Raw next() throws IOException {
        int first = started ? END : start();
        if (finished) {
            return null;
        }
        return array ? nextElement() : nextLine(first);
    }

    /** Passes the byte order mark and blank lines, and returns the first byte of a JSONL file's first row. */
    private int start() throws IOException {
        started = true;
        row = 1;
        int c = read();
        if (c == 0xEF) {
            int second = read();
            int third = read();
            if (second != 0xBB || third != 0xBF) {
                throw new Damaged("the file begins with bytes that are not UTF-8");
            }
            c = read();
        }
        while (isSpace(c)) {
            row += c == '\n' ? 1 : 0;
            c = read();
        }
        row--;
        finished = c == END;
        array = c == '[';
        if (array) {
            row = 0;
        }
        return c;
    }

    private Raw nextLine(int first) throws IOException {
        int c = first == END ? read() : first;
        while (c != END) {
            length = 0;
            skipped = 0;
            boolean blank = true;
            while (c != END && c != '\n') {
                blank &= isSpace(c);
                append(c);
                c = read();
            }
            row++; // only now: until here the line may still turn out to be cut off
            if (!blank) {
                return take();
            }
            c = c == END ? END : read();
        }
        finished = true;
        return null;
    }

    /** Finds the comma or bracket that ends an element: the first outside all strings and inner brackets. */
    private Raw nextElement() throws IOException {
        length = 0;
        skipped = 0;
        int depth = 0;
        boolean inString = false;
        boolean escaped = false;
        boolean blank = true;
        while (true) {
            int c = read();
            if (c == END) {
                throw new Damaged("the JSON array is not closed: the file ends after %s"
                        .formatted(Words.count(row, "whole element")));
            }
            if (depth == 0 && !inString && (c == ',' || c == ']')) {
                finished = c == ']';
                if (finished) {
                    expectNothingMore();
                }
                if (blank && finished && row == 0) {
                    return null;
                }
                row++;
                return take();
            }
            if (inString) {
                inString = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth = Math.max(0, depth - 1); // one too many is the element's own error
            }
            blank &= isSpace(c);
            append(c);
        }
    }

    private void expectNothingMore() throws IOException {
        int c = read();
        while (isSpace(c)) {
            c = read();
        }
        if (c != END) {
            throw new Damaged("there is more text after the end of the JSON array, expected one array in a file");
        }
    }

    private int read() throws IOException {
        if (chunkAt == chunkEnd) {
            chunkAt = 0;
            chunkEnd = Math.max(0, in.read(chunk));
        }
        return chunkEnd == 0 ? END : chunk[chunkAt++] & 0xFF;
    }

    private void append(int c) {
        if (length == maxBytes) {
            skipped++;
            return;
        }
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(maxBytes, 2L * length));
        }
        buffer[length++] = (byte) c;
    }

    private Raw take() {
        byte[] bytes = skipped == 0 ? Arrays.copyOf(buffer, length) : null;
        return new Raw(row, bytes, length + skipped);
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
