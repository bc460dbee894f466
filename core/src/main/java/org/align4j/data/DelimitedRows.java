package org.align4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.align4j.Words;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of CSV (RFC 4180) and TSV, as JSON objects by the names in the first line; a row's number is that of its first
 * line. All cells are texts, an empty cell is an absent value, and a cell of a column that can hold a list or messages is
 * read as JSON where it is JSON.
 *
 * <p>Quotes count where a cell begins with one, which then ends at the next that is not doubled, perhaps lines later. Much
 * TSV has no quoting: in a row that quotes do not divide into as many cells as there are columns, they are text. In CSV
 * such a row is a bad row. It is its first line then, and reading goes on with the next.
 */
final class DelimitedRows implements RawRows {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String QUOTE = "\"";
    /** Columns that hold lists or objects, whatever the first character. */
    private static final Set<String> STRUCTURED = Set.of(
            "completions",
            "answers",
            "generations",
            "responses",
            "ranks",
            "scores",
            "ratings",
            "labels",
            "messages",
            "conversations",
            "tools",
            "chat_template_kwargs");

    private final Path file;
    private final InputStream in;
    private final LineReader lines;
    private final char separator;
    private List<String> columns;
    private long row;

    /** @param in is closed with this */
    DelimitedRows(Path file, InputStream in, char separator) {
        this.file = file;
        this.in = in;
        this.lines = new LineReader(in);
        this.separator = separator;
    }

    @Override
    public Raw next() throws IOException, BadRowException {
        if (columns == null) {
            columns = header();
        }
        String first = firstLine();
        if (first == null) {
            return null;
        }
        List<String> cells = cells(first);
        ObjectNode object = JSON.createObjectNode();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isEmpty()) {
                object.set(columns.get(i), value(columns.get(i), cells.get(i)));
            }
        }
        byte[] bytes = JSON.writeValueAsBytes(object);
        return new Raw(row, bytes, bytes.length);
    }

    private List<String> header() throws IOException {
        List<String> names = new ArrayList<>();
        try {
            String first = firstLine();
            for (String name : first == null ? List.<String>of() : cells(first.replaceFirst("^\uFEFF", ""))) {
                names.add(name.isEmpty() ? "column " + (names.size() + 1) : name); // such as that of pandas' index
            }
        } catch (BadRowException e) {
            throw new Damaged("the first line must name the columns, and cannot be read: " + e.getMessage());
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new Damaged("the first line names the column `%s` twice, expected each once".formatted(name));
            }
        }
        return names;
    }

    /** The first line of the next row; null after the last. */
    private String firstLine() throws IOException, BadRowException {
        while (true) {
            LineReader.Line line = lines.next();
            if (line == null) {
                return null;
            }
            row = line.number();
            String text = text(line);
            if (contentEnd(text) > 0) {
                return text;
            }
        }
    }

    private String text(LineReader.Line line) throws BadRowException {
        Source source = new Source(file.toString(), row);
        if (line.bytes() == null) {
            throw JsonRows.tooLong(source, line.size());
        }
        return JsonRows.decode(line.bytes(), source);
    }

    private List<String> cells(String first) throws IOException, BadRowException {
        Quoted quoted = new Quoted(first);
        try {
            quoted.divide();
        } catch (BadRowException e) {
            lines.giveBack(quoted.taken);
            String content = first.substring(0, contentEnd(first));
            List<String> plain = List.of(content.split(String.valueOf(separator), -1));
            if (separator == '\t' && (columns == null || plain.size() == columns.size())) {
                return plain;
            }
            throw e;
        }
        return quoted.cells;
    }

    /** A row by its quotes: a line, and further ones while a quote is open. */
    private final class Quoted {
        private final List<String> cells = new ArrayList<>();
        private final List<LineReader.Line> taken = new ArrayList<>();
        private String line;
        private int at;
        private long size;

        private Quoted(String first) {
            this.line = first;
        }

        private void divide() throws IOException, BadRowException {
            cells.add(cell());
            while (at < contentEnd(line)) {
                if (line.charAt(at) != separator) {
                    throw broken("cell %d goes on after its closing quote with %s; double quotes within a cell: \"\""
                            .formatted(cells.size(), BadRowException.quote(line.substring(at, contentEnd(line)))));
                }
                at++;
                cells.add(cell());
            }
            if (columns != null && cells.size() != columns.size()) {
                throw broken("the row has %s, expected %d as in the first line (%s); put a cell with %s in quotes"
                        .formatted(
                                Words.count(cells.size(), "cell"),
                                columns.size(),
                                String.join(", ", columns),
                                separator == ',' ? "commas" : "tabs"));
            }
        }

        /** The cell that begins here; leaves {@code at} behind it. */
        private String cell() throws IOException, BadRowException {
            if (line.startsWith(QUOTE, at)) {
                at++;
                return quotedCell();
            }
            int from = at;
            int end = line.indexOf(separator, from);
            at = end < 0 ? contentEnd(line) : end;
            return line.substring(from, at);
        }

        private String quotedCell() throws IOException, BadRowException {
            StringBuilder cell = new StringBuilder();
            while (true) {
                int quote = line.indexOf(QUOTE, at);
                if (quote < 0) {
                    cell.append(line, at, line.length());
                    takeLine();
                    continue;
                }
                boolean doubled = line.startsWith(QUOTE, quote + 1);
                cell.append(line, at, doubled ? quote + 1 : quote);
                at = doubled ? quote + 2 : quote + 1;
                if (!doubled) {
                    return cell.toString();
                }
            }
        }

        private void takeLine() throws IOException, BadRowException {
            LineReader.Line next = lines.next();
            size += next == null ? 0 : next.size();
            if (next != null) {
                taken.add(next);
            }
            if (next == null || size > JsonRows.MAX_ROW_BYTES) {
                throw broken(
                        "the quote that begins cell %d is not closed; close it, or double quotes that are text: \"\""
                                .formatted(cells.size() + 1));
            }
            line = text(next);
            at = 0;
        }

        private BadRowException broken(String what) {
            return new BadRowException(BadRows.Reason.BROKEN_TABLE, new Source(file.toString(), row), what);
        }
    }

    /** Where a line ends without what ends it. */
    private static int contentEnd(String line) {
        int end = line.length();
        end -= end > 0 && line.charAt(end - 1) == '\n' ? 1 : 0;
        return end - (end > 0 && line.charAt(end - 1) == '\r' ? 1 : 0);
    }

    private static JsonNode value(String column, String cell) {
        boolean structured = STRUCTURED.contains(column);
        if (structured || cell.startsWith("[{") || cell.startsWith("{")) {
            try {
                JsonNode value = JSON.readTree(cell);
                if (structured && !value.isMissingNode() || Conversations.isChat(value)) {
                    return value;
                }
            } catch (JacksonException e) {
                // A text that is no JSON stays a text.
            }
        }
        return JSON.getNodeFactory().stringNode(cell);
    }

    @Override
    public long row() {
        return row;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
