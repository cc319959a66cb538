package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one process to use a store. The operating system holds the lock on a file of its own beside the store, and
 * lets go when the process ends, however it ends. SQLite's exclusive lock on the store itself keeps other programs out.
 */
final class StoreLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreLock.class);

    /**
     * Stores in use by this process. Asked before the lock file is touched: closing a second descriptor of it would drop
     * the first one's lock.
     */
    private static final Set<StoreFile> HELD = ConcurrentHashMap.newKeySet();

    /** The byte that is locked. Beyond the text, which some systems let nobody else read where it is locked. */
    private static final long LOCKED_BYTE = 1 << 20;

    private static final int LONGEST_TEXT = 200;

    private final StoreFile file;
    private final RandomAccessFile opened;

    private StoreLock(StoreFile file, RandomAccessFile opened) {
        this.file = file;
        this.opened = opened;
    }

    /**
     * Takes the lock, which is held until it is closed or the process ends.
     *
     * @throws StoreException when the store is in use
     */
    static StoreLock take(StoreFile file) throws StoreException {
        if (!HELD.add(file)) {
            throw inUse(file, "this process");
        }
        boolean taken = false;
        try {
            StoreLock lock = lock(file);
            taken = true;
            return lock;
        } catch (IOException e) {
            throw new StoreException(
                    "the store " + file + " cannot be locked: " + e + "; the lock is the file " + file.lock()
                            + ", which must be writable and on a file system that knows locks",
                    e);
        } finally {
            if (!taken) {
                HELD.remove(file);
            }
        }
    }

    private static StoreLock lock(StoreFile file) throws IOException, StoreException {
        // Unlike a FileChannel of its own, it is not closed by an interrupt.
        RandomAccessFile opened = new RandomAccessFile(file.lock().toFile(), "rw");
        boolean taken = false;
        try {
            if (opened.getChannel().tryLock(LOCKED_BYTE, 1, false) == null) {
                throw inUse(file, holder(opened));
            }
            taken = true;
            String text = "process " + ProcessHandle.current().pid() + " since "
                    + Instant.now().truncatedTo(ChronoUnit.SECONDS);
            opened.setLength(0);
            opened.write(text.getBytes(StandardCharsets.UTF_8));
            return new StoreLock(file, opened);
        } catch (OverlappingFileLockException _) {
            throw inUse(file, "this process");
        } finally {
            if (!taken) {
                opened.close();
            }
        }
    }

    private static String holder(RandomAccessFile opened) throws IOException {
        byte[] text = new byte[LONGEST_TEXT];
        int length = opened.read(text);
        return length <= 0 ? "another process" : new String(text, 0, length, StandardCharsets.UTF_8);
    }

    private static StoreException inUse(StoreFile file, String holder) {
        return new StoreException("the store " + file + " is in use by " + holder
                + "; stop that one first, or give this one a file of its own");
    }

    StoreFile file() {
        return file;
    }

    /** Lets go; once only, as another store of this process may have taken it since. */
    @Override
    public synchronized void close() {
        if (!opened.getChannel().isOpen()) {
            return;
        }
        try (opened) {
            opened.setLength(0);
        } catch (IOException e) {
            // The lock is gone with the descriptor; only the text may have stayed.
            LOG.atWarn().addKeyValue("file", file.lock()).setCause(e).log("lock file not emptied");
        } finally {
            HELD.remove(file);
        }
    }
}
