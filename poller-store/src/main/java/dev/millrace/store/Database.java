package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connection to a store's file. Owned by one thread at a time: the one that opens it, then the commit thread. */
final class Database implements AutoCloseable {

    /** What is set on every connection, in this order. */
    private static final List<String> SETTINGS = List.of(
            // Milliseconds to wait for another program that has the file open, such as a backup.
            "PRAGMA busy_timeout = 1000",
            // Locks the file until it is closed, and keeps the WAL's index in memory instead of a shared file.
            "PRAGMA locking_mode = EXCLUSIVE",
            "PRAGMA journal_mode = WAL",
            // A commit returns when the disk has it; on macOS that takes a request of its own.
            "PRAGMA synchronous = FULL",
            "PRAGMA fullfsync = ON",
            "PRAGMA checkpoint_fullfsync = ON",
            "PRAGMA foreign_keys = ON",
            // What a large transaction made the WAL grow to is given back, down to 16 MB.
            "PRAGMA journal_size_limit = 16777216",
            "PRAGMA temp_store = MEMORY");

    private final StoreFile file;
    private final Connection connection;

    /** Null after a failure, until the next transaction. */
    private @Nullable Statements statements;

    private Database(StoreFile file, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        // The driver looks after every statement whether it must commit, unless it is told not to; it then begins a
        // transaction of its own. Ended, there are only ours.
        connection.setAutoCommit(false);
        execute("ROLLBACK");
        this.statements = new Statements(connection);
    }

    /**
     * Creates the file, whole from the moment on that it has its name.
     *
     * @throws StoreException also when there is a WAL without its file, which SQLite would throw away
     */
    static void create(StoreFile file) throws StoreException {
        StoreFile draft = file.draft();
        try {
            if (Files.exists(file.wal()) && Files.size(file.wal()) > 0) {
                throw new StoreException("the store " + file + " is gone, but " + file.wal()
                        + " is there, with what was" + " committed last; bring back the file, or " + Complaint.RESTORE);
            }
            draft.delete();
            connect(draft, "mode=rwc").close();
            file.publish(draft);
        } catch (SQLException e) {
            throw Complaint.of(file, "created", e);
        } catch (IOException e) {
            throw new StoreException("the store " + file + " cannot be created: " + e, e);
        }
    }

    /** Opens a file that is there and was looked at. */
    static Database open(StoreFile file) throws StoreException {
        try {
            return connect(file, "mode=rw");
        } catch (SQLException e) {
            throw Complaint.of(file, "opened", e);
        }
    }

    private static Database connect(StoreFile file, String mode) throws SQLException {
        Connection connection = DriverManager.getConnection(file.url(mode));
        boolean connected = false;
        try {
            try (Statement statement = connection.createStatement()) {
                for (String setting : SETTINGS) {
                    statement.execute(setting);
                }
                Schema.migrate(statement, version(statement));
            }
            Database database = new Database(file, connection);
            connected = true;
            return database;
        } finally {
            if (!connected) {
                connection.close();
            }
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
            return version.getInt(1);
        }
    }

    StoreFile file() {
        return file;
    }

    /** Runs a statement. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Begins a transaction on the tables. */
    Tables begin() throws SQLException {
        if (statements == null) {
            statements = new Statements(connection);
        }
        return statements.begin();
    }

    /** Returns when the transaction is on the disk. */
    void commit() throws SQLException {
        if (statements == null) {
            throw new IllegalStateException("no transaction");
        }
        statements.commit();
    }

    /** Ends the transaction after a failure, which is told what else fails. */
    void rollback(Exception failure) {
        if (statements != null) {
            statements.close(failure);
            statements = null;
        }
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            // SQLite itself ends the transaction after the worst failures, and then says that there is none.
            failure.addSuppressed(e);
        }
    }

    /** Brings what is in the WAL into the file and closes it. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
