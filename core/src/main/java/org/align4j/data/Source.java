package org.align4j.data;

/** Where a row came from, for messages: {@code file:line}. Lines count from 1; in a JSON array elements do, in Parquet rows. */
public record Source(String file, long line) {
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
