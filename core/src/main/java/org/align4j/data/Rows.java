package org.align4j.data;

import java.util.List;

/**
 * What a file holds.
 *
 * @param rows the good rows, in the order of the file, at least one
 * @param bad the rows that were left out
 */
public record Rows<T>(List<T> rows, BadRows bad) {
    public Rows {
        rows = List.copyOf(rows);
    }
}
