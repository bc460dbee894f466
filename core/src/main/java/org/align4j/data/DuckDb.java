package org.align4j.data;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.duckdb.DuckDBDriver;

/** The embedded engine that reads and writes tables, in bounded memory; nothing is fetched at run time. */
final class DuckDb {
    private DuckDb() {}

    /**
     * A database of its own in memory.
     *
     * @param streamed whether results come row by row as they are read; what writes must be done when it returns
     */
    static Connection open(boolean streamed) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, String.valueOf(streamed));
        properties.setProperty("autoinstall_known_extensions", "false");
        Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", properties);
        try (Statement settings = connection.createStatement()) {
            settings.execute("SET memory_limit = '1GB'");
            settings.execute("SET TimeZone = 'UTC'");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
