package dev.millrace.runner;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store in memory that outlives its pollers. Thread-safe. */
final class MemoryStore implements CheckpointStore {

    /** Calls that fail. */
    final AtomicInteger failures = new AtomicInteger();
    /** Claims that die of a defect. */
    final AtomicInteger defects = new AtomicInteger();

    private final Map<UUID, MappingProgress> mappings = new HashMap<>();

    private void failIfAsked() throws StoreException {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StoreException("the disk is full", new IllegalStateException());
        }
    }

    @Override
    public synchronized Optional<MappingProgress> load(UUID mapping) throws StoreException {
        failIfAsked();
        return Optional.ofNullable(mappings.get(mapping));
    }

    @Override
    public synchronized boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before)
            throws StoreException {
        failIfAsked();
        if (!MappingProgress.areSame(before, mappings.get(mapping))) {
            return false;
        }
        mappings.put(mapping, progress);
        return true;
    }

    @Override
    public synchronized Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created)
            throws StoreException {
        failIfAsked();
        if (defects.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new NumberFormatException("defect of the store");
        }
        MappingProgress stored = Objects.requireNonNull(mappings.get(mapping));
        if (!stored.created().equals(created)) {
            throw new StoreException("created anew");
        }
        return Optional.ofNullable(stored.shards().get(shardId));
    }

    @Override
    public synchronized void save(UUID mapping, String shardId, ShardProgress progress) throws StoreException {
        failIfAsked();
        MappingProgress before = Objects.requireNonNull(mappings.get(mapping));
        Map<String, ShardProgress> shards = new HashMap<>(before.shards());
        shards.put(shardId, progress);
        mappings.put(
                mapping,
                new MappingProgress(before.eventSourceArn(), before.created(), before.streamCreated(), shards));
    }

    @Override
    public synchronized void forget(UUID mapping, Set<String> shardIds) {
        MappingProgress before = Objects.requireNonNull(mappings.get(mapping));
        Map<String, ShardProgress> shards = new HashMap<>(before.shards());
        shardIds.forEach(shards::remove);
        mappings.put(
                mapping,
                new MappingProgress(before.eventSourceArn(), before.created(), before.streamCreated(), shards));
    }

    @Override
    public void audit(AuditEntry entry) {}

    @Override
    public void close() {}
}
