package org.align4j.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Parquet, CSV and TSV. The columns of a table are known when all rows are, so these lie in a temporary file until then.
 * Parquet gets lists and structures (a field that some messages have is null in the others), CSV has them as JSON; columns
 * for the template are JSON text in both, since their shape is free.
 */
final class TableWriter implements RowWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> FREE = Set.of("tools", "chat_template_kwargs");

    private final RowFormat.Kind kind;
    private final OutputStream out;
    private final Path folder;
    private final RowWriter rows;
    private final Map<String, ColumnType> columns = new LinkedHashMap<>();
    /** Where each column is first something. */
    private final Map<String, Long> firstRows = new HashMap<>();

    private long row;

    TableWriter(RowFormat.Kind kind, OutputStream out) throws IOException {
        this.kind = kind;
        this.out = out;
        this.folder = Files.createTempDirectory("align4j-table-");
        this.rows = RowWriter.jsonLines(new BufferedOutputStream(Files.newOutputStream(rowsFile()), 1 << 16));
    }

    private Path rowsFile() {
        return folder.resolve("rows.jsonl");
    }

    @Override
    public void write(ObjectNode original) throws IOException {
        row++;
        ObjectNode flat = original.deepCopy();
        for (Map.Entry<String, JsonNode> column : original.properties()) {
            String name = column.getKey();
            JsonNode value = column.getValue();
            if (value.isContainer() && (kind != RowFormat.Kind.PARQUET || FREE.contains(name))) {
                flat.put(name, JSON.writeValueAsString(value));
            }
            add(name, ColumnType.of(flat.get(name)));
        }
        rows.write(flat);
    }

    private void add(String column, ColumnType type) {
        ColumnType before = columns.getOrDefault(column, new ColumnType.Unknown());
        if (before instanceof ColumnType.Unknown) {
            firstRows.put(column, row);
        }
        try {
            columns.put(column, before.with(type));
        } catch (IllegalArgumentException e) {
            String remedy = ColumnType.isTextAndMessages(before, type)
                    ? "write texts as messages too (--conversational) or messages as text (--render), or name a .jsonl"
                    : "name a .jsonl";
            throw AlignException.badInput(
                    "rows %,d and %,d of the output: `%s` is %s, which one column of Parquet cannot hold; %s"
                            .formatted(firstRows.get(column), row, column, e.getMessage(), remedy));
        }
    }

    @Override
    public void close() throws IOException {
        try (out) {
            rows.close();
            if (row > 0) {
                Path table = folder.resolve("table");
                convert(table);
                Files.copy(table, out);
            }
        } finally {
            for (String name : new String[] {"rows.jsonl", "table", ""}) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
    }

    private void convert(Path table) throws IOException {
        StringBuilder types = new StringBuilder();
        columns.forEach((name, type) -> types.append(types.isEmpty() ? "" : ", ")
                .append("'%s': '%s'"
                        .formatted(name.replace("'", "''"), type.sql().replace("'", "''"))));
        String format = switch (kind) {
            case CSV -> "FORMAT csv, HEADER";
            case TSV -> "FORMAT csv, HEADER, DELIMITER '\t'";
            default -> "FORMAT parquet, COMPRESSION zstd";
        };
        String sql =
                "COPY (SELECT * FROM read_json('%s', columns={%s}, format='newline_delimited', maximum_object_size=%d)) TO '%s' (%s)"
                        .formatted(text(rowsFile()), types, 2 * JsonRows.MAX_ROW_BYTES, text(table), format);
        try (Connection connection = DuckDb.open(false);
                Statement statement = connection.createStatement()) {
            statement.execute("SET preserve_insertion_order = true");
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IOException(
                    "writing the table failed: "
                            + e.getMessage().lines().findFirst().orElse(""),
                    e);
        }
    }

    private static String text(Path path) {
        return path.toString().replace("'", "''");
    }
}
