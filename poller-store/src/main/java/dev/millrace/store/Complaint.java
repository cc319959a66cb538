package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/** Says for people what SQLite's error means for a store, and what to do about it. */
final class Complaint {

    /** The remedy when a file is of no use. */
    static final String RESTORE =
            "restore a backup, or move the file (and the one that ends in -wal) away: then a new store"
                    + " is created, and every stream mapping begins at its StartingPosition again";

    /** An extended error code has the general one in its low byte. */
    private static final int GENERAL = 0xFF;

    private Complaint() {}

    /**
     * The exception for callers.
     *
     * @param done what could not be done with the store, such as {@code written}
     */
    static StoreException of(StoreFile file, String done, SQLException cause) {
        return new StoreException("the store " + file + " cannot be " + done + ": " + reason(file, cause), cause);
    }

    private static String reason(StoreFile file, SQLException cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (code(cause)) {
            case SQLITE_FULL -> "its disk is full; free space on the disk of " + file.directory();
            case SQLITE_BUSY, SQLITE_LOCKED ->
                "another program has it open, such as the sqlite3 shell or a backup; end that program";
            case SQLITE_CORRUPT, SQLITE_NOTADB -> "it is damaged (" + message + "); " + RESTORE;
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH ->
                message + "; make " + file.directory() + " and the files in it writable";
            case SQLITE_CANTOPEN ->
                message + "; see that " + file.directory() + " and the files in it can be read and written";
            case SQLITE_IOERR -> "its disk fails (" + message + "); see the system's log";
            default -> message;
        };
    }

    /** The general code of SQLite's error; {@code UNKNOWN_ERROR} when it is not SQLite's. */
    static SQLiteErrorCode code(SQLException cause) {
        return SQLiteErrorCode.getErrorCode(cause.getErrorCode() & GENERAL);
    }
}
