package org.align4j.data;

import java.io.IOException;

/** The rows of a file as JSON text in UTF-8, one after the other, without a look inside. */
interface RawRows extends AutoCloseable {
    /** A row; with {@code bytes} null, one of {@code size} bytes that was too long and passed over. */
    record Raw(long row, byte[] bytes, long size) {}

    /** The file as a whole is not what it should be. */
    final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }
    }

    /**
     * The next row that is not blank, or null at the end.
     *
     * @throws BadRowException if it cannot be told what the row is; the next can be read all the same
     */
    Raw next() throws IOException, BadRowException;

    /** Number of the last row: a line, an element of an array, or a row of Parquet; from 1, 0 before the first. */
    long row();

    @Override
    void close() throws IOException;
}
