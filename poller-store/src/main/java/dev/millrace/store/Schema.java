package dev.millrace.store;

import dev.millrace.checkpoint.ProgressText;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, and how a file of an older version gets them. Times are ISO 8601 texts, which keep every nanosecond and can
 * be read in a shell; the other texts are {@link ProgressText}'s.
 */
final class Schema {

    /** Marks the file as ours in its header: {@code Mill}. */
    static final int APPLICATION_ID = 0x4D69_6C6C;

    /** What makes each version out of the one before it; the first one out of an empty file. Never changed, only added to. */
    private static final List<List<String>> STEPS = List.of(
            List.of(
                    """
                    CREATE TABLE mappings (
                      uuid TEXT NOT NULL PRIMARY KEY,
                      event_source_arn TEXT NOT NULL,
                      created TEXT NOT NULL,
                      stream_created TEXT
                    ) STRICT, WITHOUT ROWID\
                    """,
                    """
                    CREATE TABLE shards (
                      mapping TEXT NOT NULL REFERENCES mappings ON DELETE CASCADE,
                      shard_id TEXT NOT NULL,
                      start TEXT NOT NULL,
                      position TEXT,
                      up_to TEXT,
                      ahead TEXT,
                      finished INTEGER NOT NULL,
                      PRIMARY KEY (mapping, shard_id)
                    ) STRICT, WITHOUT ROWID\
                    """,
                    // A table of its own, with row ids: a state may have 1 MB, and rows without ids must be small.
                    """
                    CREATE TABLE windows (
                      mapping TEXT NOT NULL,
                      shard_id TEXT NOT NULL,
                      start TEXT NOT NULL,
                      state BLOB NOT NULL,
                      PRIMARY KEY (mapping, shard_id),
                      FOREIGN KEY (mapping, shard_id) REFERENCES shards ON DELETE CASCADE
                    ) STRICT\
                    """,
                    """
                    CREATE TABLE audit (
                      id INTEGER PRIMARY KEY,
                      mapping TEXT NOT NULL,
                      shard_id TEXT,
                      at TEXT NOT NULL,
                      action TEXT NOT NULL,
                      detail TEXT NOT NULL
                    ) STRICT\
                    """,
                    "CREATE INDEX audit_of_mapping ON audit (mapping)"),
            // The marks of lanes did not say by which keys records were in the lanes. What they said comes again.
            List.of("UPDATE shards SET ahead = NULL"));

    /** The version that this code reads and writes. */
    static final int VERSION = STEPS.size();

    private Schema() {}

    /** Brings a file to {@link #VERSION}, in one transaction; does nothing when it is there already. */
    static void migrate(Statement statement, int version) throws SQLException {
        if (version == VERSION) {
            return;
        }
        statement.execute("BEGIN IMMEDIATE");
        for (List<String> step : STEPS.subList(version, VERSION)) {
            for (String sql : step) {
                statement.execute(sql);
            }
        }
        statement.execute("PRAGMA application_id = " + APPLICATION_ID);
        statement.execute("PRAGMA user_version = " + VERSION);
        statement.execute("COMMIT");
        // An older program looks at the file's header first: it must find the new version there.
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
