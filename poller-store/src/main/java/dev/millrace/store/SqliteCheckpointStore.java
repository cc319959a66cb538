package dev.millrace.store;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.store.StoreCall.Work;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one node in one SQLite file, in WAL mode with {@code synchronous=FULL}. Calls wait in a queue for
 * the thread that owns the connection; it commits all that wait at once, so that 500 shards cost about as many writes to
 * the disk as one. When a commit fails, every call in it fails.
 *
 * <p>The file belongs to this process alone (see {@link StoreLock}). Nothing else in the process may open it, not even to
 * read: on POSIX systems closing any of a process's descriptors of a file drops the process's locks on it.
 */
public final class SqliteCheckpointStore implements CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteCheckpointStore.class);

    private final StoreLock lock;
    private final CallQueue queue;
    private final CommitThread commits;

    /** Takes over an open database and the lock on its file: closing the store closes both. */
    private SqliteCheckpointStore(StoreLock lock, Database database) {
        this.lock = lock;
        this.queue = new CallQueue(database.file());
        this.commits = CommitThread.start(queue, database);
    }

    /**
     * Opens the store in the file, or creates it when there is none.
     *
     * @throws StoreException when the file is in use, damaged, of another program, of a newer version, or cannot be read
     *     and written; it is then as it was
     */
    public static SqliteCheckpointStore open(Path path) throws StoreException {
        StoreFile file = StoreFile.at(path);
        NativeLibrary.load(file.directory());
        StoreLock lock = StoreLock.take(file);
        boolean opened = false;
        try {
            if (file.exists()) {
                Inspection.refuseUnlessUsable(file);
            } else {
                Database.create(file);
            }
            SqliteCheckpointStore store = new SqliteCheckpointStore(lock, Database.open(file));
            opened = true;
            LOG.atInfo().addKeyValue("file", file).log("store opened");
            return store;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    @Override
    public Optional<MappingProgress> load(UUID mapping) throws StoreException, InterruptedException {
        String id = mapping.toString();
        return read(
                "mapping " + id,
                tables -> tables.mappings().load(id, tables.shards().load(id)));
    }

    @Override
    public boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before)
            throws StoreException, InterruptedException {
        String id = mapping.toString();
        Map<String, ShardRow> rows = HashMap.newHashMap(progress.shards().size());
        progress.shards().forEach((shardId, shard) -> rows.put(shardId, ShardRow.of(shard)));
        return read("mapping " + id, tables -> {
            if (!MappingProgress.areSame(
                    before, tables.mappings().load(id, Map.of()).orElse(null))) {
                return false;
            }
            tables.mappings().replace(id, progress);
            for (Map.Entry<String, ShardRow> row : rows.entrySet()) {
                tables.shards().put(id, row.getKey(), row.getValue());
            }
            return true;
        });
    }

    /** Nobody else can have the shard: the file is this process's alone. */
    @Override
    public Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created)
            throws StoreException, InterruptedException {
        String id = mapping.toString();
        Optional<MappingProgress> stored = read(
                "shard " + shardId,
                tables -> tables.mappings().load(id, tables.shards().load(id, shardId)));
        MappingProgress progress = stored.orElseThrow(() -> notStored(mapping, shardId));
        if (!progress.created().equals(created)) {
            throw new StoreException("mapping " + mapping + " has been created anew, so shard " + shardId
                    + " is not begun; what is stored now is loaded next");
        }
        return Optional.ofNullable(progress.shards().get(shardId));
    }

    @Override
    public void save(UUID mapping, String shardId, ShardProgress progress) throws StoreException, InterruptedException {
        String id = mapping.toString();
        ShardRow row = ShardRow.of(progress);
        if (!call(tables -> tables.shards().put(id, shardId, row))) {
            throw notStored(mapping, shardId);
        }
    }

    private static IllegalStateException notStored(UUID mapping, String shardId) {
        return new IllegalStateException(
                "mapping " + mapping + " is not stored, so its shard " + shardId + " cannot be: it was never created");
    }

    @Override
    public void forget(UUID mapping, Set<String> shardIds) throws StoreException, InterruptedException {
        String id = mapping.toString();
        Set<String> forgotten = Set.copyOf(shardIds);
        write(tables -> {
            for (String shardId : forgotten) {
                tables.shards().delete(id, shardId);
            }
        });
    }

    @Override
    public void audit(AuditEntry entry) throws StoreException, InterruptedException {
        write(tables -> tables.audit().add(entry));
    }

    /** Reads; what somebody else has put into the file fails this call only. */
    private <T> T read(String what, Work<T> work) throws StoreException, InterruptedException {
        return call(tables -> {
            try {
                return work.run(tables);
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new StoreException(
                        "the store " + lock.file() + " holds what is no " + what + " (" + e.getMessage() + "); "
                                + Complaint.RESTORE,
                        e);
            }
        });
    }

    @FunctionalInterface
    private interface Change {
        void make(Tables tables) throws SQLException;
    }

    private void write(Change change) throws StoreException, InterruptedException {
        this.<@Nullable Void>call(tables -> {
            change.make(tables);
            return null;
        });
    }

    private <T extends @Nullable Object> T call(Work<T> work) throws StoreException, InterruptedException {
        StoreCall<T> call = new StoreCall<>(work);
        queue.put(call);
        return call.await();
    }

    /** Commits what waits, then closes the file. */
    @Override
    public void close() {
        queue.close();
        if (commits.awaitEnd()) {
            lock.close();
        }
    }
}
