package org.align4j.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import org.align4j.AlignException;
import org.duckdb.DuckDBDriver;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of a table, as JSON objects by column. Parquet keeps its lists and structures. CSV and TSV are read by RFC 4180
 * with names in the first row; all cells are texts, an empty cell is an absent value, and a cell of a column that can hold
 * a list or messages is read as JSON where it is JSON. Memory does not depend on the number of rows.
 */
final class TableRows implements RawRows {
    private static final JsonMapper JSON = new JsonMapper();
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
    private final Connection connection;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final boolean cellsAreTexts;
    private long row;

    private TableRows(
            Path file, Connection connection, PreparedStatement statement, ResultSet rows, boolean cellsAreTexts) {
        this.file = file;
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
        this.cellsAreTexts = cellsAreTexts;
    }

    static TableRows parquet(Path file) {
        return open(file, "read_parquet(?)", "Parquet", false);
    }

    static TableRows csv(Path file, char separator) {
        String reader = "read_csv(?, delim='" + separator + "', quote='\"', escape='\"', header=true, all_varchar=true,"
                + " strict_mode=true)";
        return open(file, reader, separator == ',' ? "CSV" : "TSV", true);
    }

    private static TableRows open(Path file, String reader, String kind, boolean cellsAreTexts) {
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        // Nothing is fetched at run time.
        properties.setProperty("autoinstall_known_extensions", "false");
        Connection connection = null;
        try {
            connection = new DuckDBDriver().connect("jdbc:duckdb:", properties);
            try (Statement settings = connection.createStatement()) {
                settings.execute("SET memory_limit = '1GB'");
                settings.execute("SET TimeZone = 'UTC'");
            }
            PreparedStatement statement =
                    connection.prepareStatement("SELECT to_json(t)::VARCHAR FROM " + reader + " AS t");
            statement.setString(1, file.toString());
            return new TableRows(file, connection, statement, statement.executeQuery(), cellsAreTexts);
        } catch (SQLException e) {
            close(connection);
            throw damaged(file, kind, 0, e);
        }
    }

    private static void close(Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // The error that led here is the one to tell.
        }
    }

    private static AlignException damaged(Path file, String kind, long row, SQLException e) {
        String message = e.getMessage().lines().findFirst().orElse("").strip();
        return AlignException.badInput(
                "%s: this is no readable %s after row %,d: %s; write or download the file again"
                        .formatted(file, kind, row, message),
                e);
    }

    @Override
    public Raw next() throws IOException {
        String json;
        try {
            if (!rows.next()) {
                return null;
            }
            row++;
            json = rows.getString(1);
        } catch (SQLException e) {
            throw damaged(file, cellsAreTexts ? "table" : "Parquet", row, e);
        }
        byte[] bytes = (cellsAreTexts ? withLists(json) : json).getBytes(StandardCharsets.UTF_8);
        return bytes.length > JsonRows.MAX_ROW_BYTES
                ? new Raw(row, null, bytes.length)
                : new Raw(row, bytes, bytes.length);
    }

    private static String withLists(String json) {
        ObjectNode object = (ObjectNode) JSON.readTree(json);
        for (String name : object.propertyNames().toArray(new String[0])) {
            JsonNode cell = object.get(name);
            if (!cell.isString()) {
                continue;
            }
            String text = cell.stringValue();
            if (STRUCTURED.contains(name) || text.startsWith("[{") || text.startsWith("{")) {
                try {
                    JsonNode value = JSON.readTree(text);
                    if (STRUCTURED.contains(name) || Conversations.isChat(value)) {
                        object.set(name, value);
                    }
                } catch (JacksonException e) {
                    // A text that is no JSON stays a text.
                }
            }
        }
        return JSON.writeValueAsString(object);
    }

    @Override
    public long row() {
        return row;
    }

    @Override
    public void close() throws IOException {
        try (Connection c = connection;
                PreparedStatement s = statement;
                ResultSet r = rows) {
            // Closed in the order that JDBC wants.
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
