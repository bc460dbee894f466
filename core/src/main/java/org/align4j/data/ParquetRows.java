package org.align4j.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.align4j.AlignException;

/** The rows of a Parquet file, as JSON objects by column. Memory does not depend on their number. */
final class ParquetRows implements RawRows {
    private final Path file;
    private final Connection connection;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private long row;

    private ParquetRows(Path file, Connection connection, PreparedStatement statement, ResultSet rows) {
        this.file = file;
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
    }

    static ParquetRows open(Path file) {
        Connection connection = null;
        try {
            connection = DuckDb.open(true);
            PreparedStatement statement =
                    connection.prepareStatement("SELECT to_json(t)::VARCHAR FROM read_parquet(?) AS t");
            statement.setString(1, file.toString());
            return new ParquetRows(file, connection, statement, statement.executeQuery());
        } catch (SQLException e) {
            close(connection);
            throw damaged(file, 0, e);
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

    private static AlignException damaged(Path file, long row, SQLException e) {
        String message = e.getMessage().lines().findFirst().orElse("").strip();
        return AlignException.badInput(
                "%s: this is no readable Parquet after row %,d: %s; write or download the file again"
                        .formatted(file, row, message),
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
            throw damaged(file, row, e);
        }
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return bytes.length > JsonRows.MAX_ROW_BYTES
                ? new Raw(row, null, bytes.length)
                : new Raw(row, bytes, bytes.length);
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
