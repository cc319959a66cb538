package dev.millrace.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is prepared on a connection. Lives until a failure: the driver throws a statement away whose execution
 * has failed, so all are prepared anew then. Owned by the commit thread.
 */
final class Statements {

    private final Connection connection;
    private final List<PreparedStatement> prepared = new ArrayList<>();
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final Tables tables;

    Statements(Connection connection) throws SQLException {
        this.connection = connection;
        this.begin = prepare("BEGIN");
        this.commit = prepare("COMMIT");
        this.tables = new Tables(new MappingTable(this), new ShardTable(this), new AuditTable(this));
    }

    /** A statement that is closed with the others. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        prepared.add(statement);
        return statement;
    }

    Tables begin() throws SQLException {
        begin.execute();
        return tables;
    }

    void commit() throws SQLException {
        commit.execute();
    }

    /** Closes what can be closed; what cannot is added to the failure after which all are closed. */
    void close(Exception failure) {
        for (PreparedStatement statement : prepared) {
            try {
                statement.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
