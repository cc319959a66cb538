package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteErrorCode;

/**
 * The look at a file before it is opened for writing: is it a store, whole, and of a version that we know? Reads only, so
 * that a file that is refused stays as it was, with its log.
 */
final class Inspection {

    private static final Logger LOG = LoggerFactory.getLogger(Inspection.class);

    /**
     * How long SQLite may check the file. A store of 5,000 shards has a few MB, which took milliseconds, and one of 1 GB took
     * less than a second from memory. Of a file on a slow disk that is larger still the rest is not checked; damage there
     * shows when it is read.
     */
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(10);

    /** Steps of SQLite's machine, or pages checked, between two looks at the clock. */
    private static final int STEPS_BETWEEN_LOOKS = 1_000;

    /** SQLite's file format: the first bytes, and where the numbers stand that a program may set. */
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private static final int HEADER = 100;
    private static final int VERSION_AT = 60;
    private static final int APPLICATION_AT = 68;

    /**
     * Read-only, and without locks, which a read-only descriptor cannot take: ours keeps other pollers away. What is in
     * the WAL is read too, and stays there.
     */
    private static final String READ_ONLY = "mode=ro&vfs="
            + (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows") ? "win32" : "unix") + "-none";

    private final StoreFile file;

    private Inspection(StoreFile file) {
        this.file = file;
    }

    /**
     * Looks at a file that exists.
     *
     * @throws StoreException when it must not be opened
     */
    static void refuseUnlessUsable(StoreFile file) throws StoreException {
        Inspection inspection = new Inspection(file);
        inspection.readHeader();
        try (Connection connection = DriverManager.getConnection(file.url(READ_ONLY));
                Statement statement = connection.createStatement()) {
            // With this the WAL's index is in memory and not in a shared file.
            statement.execute("PRAGMA locking_mode = EXCLUSIVE");
            inspection.refuseOthers(number(statement, "application_id"), number(statement, "user_version"));
            inspection.check(connection, statement);
        } catch (SQLException e) {
            throw Complaint.of(file, "opened", e);
        }
    }

    private void readHeader() throws StoreException {
        byte[] header;
        try (InputStream in = Files.newInputStream(file.path())) {
            header = in.readNBytes(HEADER);
        } catch (IOException e) {
            throw new StoreException("the store " + file + " cannot be read: " + e, e);
        }
        if (header.length == 0) {
            throw new StoreException("the store " + file + " is empty, so it was cut off or something else made it; "
                    + Complaint.RESTORE);
        }
        ByteBuffer bytes = ByteBuffer.wrap(header);
        if (header.length < HEADER || !bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new StoreException(
                    "the file " + file + " is not an SQLite database, so it is either not Millrace's or"
                            + " damaged; name another file, or " + Complaint.RESTORE);
        }
        refuseOthers(bytes.getInt(APPLICATION_AT), bytes.getInt(VERSION_AT));
    }

    private void refuseOthers(int application, int version) throws StoreException {
        if (application != Schema.APPLICATION_ID) {
            throw new StoreException("the file " + file + " is a database of another program (application_id "
                    + application + "); name another file");
        }
        if (version > Schema.VERSION) {
            throw new StoreException("the store " + file + " was written by a newer Millrace (its format is " + version
                    + ", this one knows " + Schema.VERSION + "); start that version, or name another file");
        }
    }

    private static int number(Statement statement, String pragma) throws SQLException {
        try (ResultSet result = statement.executeQuery("PRAGMA " + pragma)) {
            return result.getInt(1);
        }
    }

    private void check(Connection connection, Statement statement) throws SQLException, StoreException {
        long deadline = System.nanoTime() + LONGEST_CHECK.toNanos();
        ProgressHandler.setHandler(connection, STEPS_BETWEEN_LOOKS, new ProgressHandler() {
            @Override
            protected int progress() {
                return System.nanoTime() - deadline < 0 ? 0 : 1;
            }
        });
        try (ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
            String finding = result.next() ? result.getString(1) : "no answer";
            if (!finding.equals("ok")) {
                throw new StoreException(
                        "the store " + file + " is damaged (" + finding.strip() + "); " + Complaint.RESTORE);
            }
        } catch (SQLException e) {
            if (Complaint.code(e) != SQLiteErrorCode.SQLITE_INTERRUPT) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("seconds", LONGEST_CHECK.toSeconds())
                    .log("store is too large to be checked wholly; goes on unchecked");
        } finally {
            ProgressHandler.clearHandler(connection);
        }
    }
}
