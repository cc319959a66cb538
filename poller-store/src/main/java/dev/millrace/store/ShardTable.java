package dev.millrace.store;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.store.ShardRow.WindowRow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.sqlite.SQLiteErrorCode;

/** The shards and their windows. Owned by the commit thread. */
final class ShardTable {

    private static final String SELECT = """
        SELECT shard_id, shards.start, position, up_to, ahead, finished, windows.start, state
        FROM shards LEFT JOIN windows USING (mapping, shard_id) WHERE mapping = ?\
        """;

    private final PreparedStatement put;
    private final PreparedStatement putWindow;
    private final PreparedStatement deleteWindow;
    private final PreparedStatement delete;
    private final PreparedStatement load;
    private final PreparedStatement loadOne;

    /** Whether there may be windows: most stores have none, and then no save needs to look for one to delete. */
    private boolean windows;

    ShardTable(Statements statements) throws SQLException {
        this.put = statements.prepare("""
            INSERT INTO shards (mapping, shard_id, start, position, up_to, ahead, finished) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET start = excluded.start, position = excluded.position, up_to = excluded.up_to,
              ahead = excluded.ahead, finished = excluded.finished\
            """);
        this.putWindow = statements.prepare("""
            INSERT INTO windows (mapping, shard_id, start, state) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET start = excluded.start, state = excluded.state\
            """);
        this.deleteWindow = statements.prepare("DELETE FROM windows WHERE mapping = ? AND shard_id = ?");
        this.delete = statements.prepare("DELETE FROM shards WHERE mapping = ? AND shard_id = ?");
        this.load = statements.prepare(SELECT);
        this.loadOne = statements.prepare(SELECT + " AND shard_id = ?");
        try (ResultSet any =
                statements.prepare("SELECT EXISTS (SELECT * FROM windows)").executeQuery()) {
            this.windows = any.getInt(1) != 0;
        }
    }

    /** Stores a shard; false, and nothing is stored, when the mapping is not. */
    boolean put(String mapping, String shardId, ShardRow row) throws SQLException {
        put.setString(1, mapping);
        put.setString(2, shardId);
        put.setString(3, row.start());
        put.setString(4, row.position());
        put.setString(5, row.upTo());
        put.setString(6, row.ahead());
        put.setInt(7, row.finished() ? 1 : 0);
        try {
            put.execute();
        } catch (SQLException e) {
            // The columns hold what they must; what can be amiss is the reference to the mapping. SQLite has undone the
            // statement and kept the transaction.
            if (Complaint.code(e) == SQLiteErrorCode.SQLITE_CONSTRAINT) {
                return false;
            }
            throw e;
        }
        WindowRow window = row.window();
        if (window != null) {
            put(mapping, shardId, window);
        } else if (windows) {
            deleteWindow.setString(1, mapping);
            deleteWindow.setString(2, shardId);
            deleteWindow.execute();
        }
        return true;
    }

    private void put(String mapping, String shardId, WindowRow window) throws SQLException {
        windows = true;
        putWindow.setString(1, mapping);
        putWindow.setString(2, shardId);
        putWindow.setString(3, window.start());
        putWindow.setBytes(4, window.state().bytes());
        putWindow.execute();
        // A statement keeps its values until it gets others: not a state of 1 MB.
        putWindow.clearParameters();
    }

    /** Deletes a shard, if it is there. */
    void delete(String mapping, String shardId) throws SQLException {
        delete.setString(1, mapping);
        delete.setString(2, shardId);
        delete.execute();
    }

    /** The mapping's shards by id. */
    Map<String, ShardProgress> load(String mapping) throws SQLException {
        load.setString(1, mapping);
        return shards(load);
    }

    /** The shard, or nothing when it is not there. */
    Map<String, ShardProgress> load(String mapping, String shardId) throws SQLException {
        loadOne.setString(1, mapping);
        loadOne.setString(2, shardId);
        return shards(loadOne);
    }

    private static Map<String, ShardProgress> shards(PreparedStatement select) throws SQLException {
        Map<String, ShardProgress> shards = new HashMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                shards.put(rows.getString(1), progress(rows));
            }
        }
        return shards;
    }

    private static ShardProgress progress(ResultSet row) throws SQLException {
        byte[] state = row.getBytes(8);
        ShardRow columns = new ShardRow(
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getInt(6) != 0,
                state == null ? null : new WindowRow(row.getString(7), Payload.of(state)));
        return columns.progress();
    }
}
