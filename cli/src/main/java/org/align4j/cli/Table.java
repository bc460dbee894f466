package org.align4j.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A small table of plain text, for summaries: a line of headers, then rows, two spaces between columns. Columns that
 * hold numbers are aligned at the right.
 */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> headers;
    private final List<List<Object>> rows = new ArrayList<>();

    public Table(String... headers) {
        this.headers = List.of(headers);
    }

    /**
     * Adds a row.
     *
     * @param cells one for each header: numbers, anything else as its text, or {@code null} for an empty cell
     * @return this
     */
    public Table row(Object... cells) {
        if (cells.length != headers.size()) {
            throw new IllegalArgumentException(
                    "a row of " + cells.length + " cells in a table of " + headers.size() + " columns");
        }
        List<Object> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell == null ? "" : cell);
        }
        rows.add(row);
        return this;
    }

    /** The table, each line with its end and without spaces before it. */
    @Override
    public String toString() {
        List<StringBuilder> lines = new ArrayList<>();
        for (int row = -1; row < rows.size(); row++) {
            lines.add(new StringBuilder());
        }
        for (int column = 0; column < headers.size(); column++) {
            addColumn(lines, column);
        }
        StringBuilder text = new StringBuilder();
        for (StringBuilder line : lines) {
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private void addColumn(List<StringBuilder> lines, int column) {
        List<String> texts = new ArrayList<>();
        texts.add(headers.get(column));
        boolean numbers = true;
        for (List<Object> row : rows) {
            Object cell = row.get(column);
            numbers &= cell instanceof Number || cell.equals("");
            texts.add(cell instanceof Number number ? Numbers.text(number) : cell.toString());
        }
        int width = 0;
        for (String text : texts) {
            width = Math.max(width, width(text));
        }
        for (int line = 0; line < lines.size(); line++) {
            String text = texts.get(line);
            String padding = " ".repeat(width - width(text));
            lines.get(line).append(column == 0 ? "" : GAP).append(numbers ? padding + text : text + padding);
        }
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
