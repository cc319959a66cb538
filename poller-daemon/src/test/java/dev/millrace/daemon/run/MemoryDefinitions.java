package dev.millrace.daemon.run;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.CheckpointStoreProvider.StoreFactory;
import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A store type that nodes share and that holds nothing but definitions, which are read all the time. Can be out of reach.
 * Thread-safe.
 */
final class MemoryDefinitions implements CheckpointStoreProvider, StoreFactory, MappingDefinitions {

    private static final Instant CHANGED = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<UUID, Definition> stored = new TreeMap<>();
    private @Nullable String trouble;
    private int loads;

    synchronized void put(UUID mapping, String json) {
        stored.put(mapping, new Definition(mapping, json, CHANGED));
    }

    /** From here on it is out of reach; null when it is not. */
    synchronized void trouble(@Nullable String message) {
        trouble = message;
    }

    /** How often it has been asked. */
    synchronized int loads() {
        return loads;
    }

    @Override
    public synchronized List<Definition> load() throws StoreException {
        loads++;
        if (trouble != null) {
            throw new StoreException(trouble);
        }
        return List.copyOf(stored.values());
    }

    @Override
    public synchronized boolean put(Collection<Change> changes) {
        throw new UnsupportedOperationException("nodes only read");
    }

    @Override
    public synchronized boolean delete(UUID mapping) {
        return stored.remove(mapping) != null;
    }

    // ---- the store around them ----

    @Override
    public String type() {
        return "Memory";
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public StoreFactory configure(Section store, AwsSettings aws) {
        return this;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public SavePace savePace() {
        return SavePace.LOCAL;
    }

    @Override
    public Optional<Duration> definitionsEvery() {
        return Optional.of(Duration.ofMillis(5));
    }

    @Override
    public CheckpointStore open(String node) {
        return new NothingButDefinitions(this);
    }

    private record NothingButDefinitions(MemoryDefinitions all) implements CheckpointStore {

        @Override
        public Optional<MappingDefinitions> definitions() {
            return Optional.of(all);
        }

        private static UnsupportedOperationException noStreams() {
            return new UnsupportedOperationException("no stream is polled");
        }

        @Override
        public Optional<MappingProgress> load(UUID mapping) {
            throw noStreams();
        }

        @Override
        public boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before) {
            throw noStreams();
        }

        @Override
        public Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created) {
            throw noStreams();
        }

        @Override
        public void save(UUID mapping, String shardId, ShardProgress progress) {
            throw noStreams();
        }

        @Override
        public void forget(UUID mapping, Set<String> shardIds) {
            throw noStreams();
        }

        @Override
        public void audit(AuditEntry entry) {
            throw noStreams();
        }

        @Override
        public void close() {}
    }
}
