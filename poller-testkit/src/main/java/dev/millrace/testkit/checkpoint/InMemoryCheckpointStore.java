package dev.millrace.testkit.checkpoint;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * A checkpoint store in memory, which outlives its store as a disk does: {@link #reopened()} is what a restarted process
 * finds. Fails, loses answers and blocks on cue. Thread-safe.
 */
public final class InMemoryCheckpointStore implements CheckpointStore {

    /** What is stored; shared by a store and those that are opened after it. Guarded by the lock. */
    private static final class Disk {

        private final Map<UUID, MappingProgress> mappings = new HashMap<>();
        private final List<AuditEntry> audit = new ArrayList<>();
    }

    private interface Change {
        void make();
    }

    private final Disk disk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private boolean closed;
    private boolean blocking;
    private int blocked;
    private int toFail;
    private int toLose;

    /** A store in which nothing is stored. */
    public InMemoryCheckpointStore() {
        this(new Disk());
    }

    private InMemoryCheckpointStore(Disk disk) {
        this.disk = disk;
    }

    /** Closes this store, and opens one with what is stored in it and without its faults. */
    public InMemoryCheckpointStore reopened() {
        close();
        return new InMemoryCheckpointStore(disk);
    }

    /** The next writes throw and write nothing. */
    public void failNextWrites(int writes) {
        toldTo(() -> toFail = writes);
    }

    /** The next writes, after those that fail, are done and throw all the same. */
    public void loseNextAnswers(int writes) {
        toldTo(() -> toLose = writes);
    }

    /** Writes wait, before anything else happens to them, until {@link #release()} or {@link #close()}. */
    public void block() {
        toldTo(() -> blocking = true);
    }

    /** Lets the writes go on that wait. */
    public void release() {
        toldTo(() -> {
            blocking = false;
            released.signalAll();
        });
    }

    /** How many writes wait. */
    public int blocked() {
        lock.lock();
        try {
            return blocked;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<MappingProgress> load(UUID mapping) throws StoreException, InterruptedException {
        enter();
        try {
            return Optional.ofNullable(disk.mappings.get(mapping));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void create(UUID mapping, MappingProgress progress) throws StoreException, InterruptedException {
        write(() -> disk.mappings.put(mapping, progress));
    }

    @Override
    public void save(UUID mapping, String shardId, ShardProgress progress) throws StoreException, InterruptedException {
        write(() -> {
            MappingProgress stored = disk.mappings.get(mapping);
            if (stored == null) {
                throw new IllegalStateException("mapping " + mapping + " is not stored");
            }
            Map<String, ShardProgress> shards = new HashMap<>(stored.shards());
            shards.put(shardId, progress);
            disk.mappings.put(mapping, with(stored, shards));
        });
    }

    @Override
    public void forget(UUID mapping, Set<String> shardIds) throws StoreException, InterruptedException {
        write(() -> disk.mappings.computeIfPresent(mapping, (_, stored) -> {
            Map<String, ShardProgress> shards = new HashMap<>(stored.shards());
            shards.keySet().removeAll(shardIds);
            return with(stored, shards);
        }));
    }

    private static MappingProgress with(MappingProgress stored, Map<String, ShardProgress> shards) {
        return new MappingProgress(stored.eventSourceArn(), stored.created(), stored.streamCreated(), shards);
    }

    @Override
    public void delete(UUID mapping) throws StoreException, InterruptedException {
        write(() -> disk.mappings.remove(mapping));
    }

    @Override
    public Map<UUID, String> mappings() throws StoreException, InterruptedException {
        enter();
        try {
            return disk.mappings.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(
                            Map.Entry::getKey, mapping -> mapping.getValue().eventSourceArn()));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void audit(AuditEntry entry) throws StoreException, InterruptedException {
        write(() -> disk.audit.add(entry));
    }

    @Override
    public List<AuditEntry> audit(UUID mapping, int limit) throws StoreException, InterruptedException {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is below 1");
        }
        enter();
        try {
            return disk.audit.reversed().stream()
                    .filter(entry -> entry.mapping().equals(mapping))
                    .limit(limit)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        toldTo(() -> {
            closed = true;
            released.signalAll();
        });
    }

    private void write(Change change) throws StoreException, InterruptedException {
        enter();
        try {
            awaitRelease();
            if (toFail > 0) {
                toFail--;
                throw new StoreException("told to fail");
            }
            change.make();
            if (toLose > 0) {
                toLose--;
                throw new StoreException("told to lose the answer");
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitRelease() throws StoreException, InterruptedException {
        blocked++;
        try {
            while (blocking && !closed) {
                released.await();
            }
        } finally {
            blocked--;
        }
        refuseWhenClosed();
    }

    /** Takes the lock. */
    private void enter() throws StoreException, InterruptedException {
        lock.lockInterruptibly();
        boolean open = false;
        try {
            refuseWhenClosed();
            open = true;
        } finally {
            if (!open) {
                lock.unlock();
            }
        }
    }

    private void refuseWhenClosed() throws StoreException {
        if (closed) {
            throw new StoreException("the store is closed");
        }
    }

    private void toldTo(Change change) {
        lock.lock();
        try {
            change.make();
        } finally {
            lock.unlock();
        }
    }
}
