package dev.millrace.runner;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** One node's way to what nodes share: what it saves is refused when another node has claimed the shard, or created the mapping anew. */
final class FencedStore implements CheckpointStore {

    /**
     * What nodes share.
     *
     * @param newest who has claimed each shard last
     * @param claims who has claimed a shard, one after the other
     * @param forgotten shards
     */
    record Shared(
            MemoryStore store, Map<String, Claim> newest, List<String> claims, BlockingQueue<Set<String>> forgotten) {

        Shared() {
            this(
                    new MemoryStore(),
                    new ConcurrentHashMap<>(),
                    new CopyOnWriteArrayList<>(),
                    new LinkedBlockingQueue<>());
        }
    }

    private record Claim(String node, Instant created) {}

    private final Shared shared;
    private final String node;

    FencedStore(Shared shared, String node) {
        this.shared = shared;
        this.node = node;
    }

    @Override
    public Optional<MappingProgress> load(UUID mapping) throws StoreException {
        return shared.store.load(mapping);
    }

    @Override
    public boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before)
            throws StoreException {
        return shared.store.create(mapping, progress, before);
    }

    @Override
    public Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created) throws StoreException {
        synchronized (shared) {
            shared.newest.put(shardId, new Claim(node, created));
            shared.claims.add(node);
            return shared.store.claim(mapping, shardId, created);
        }
    }

    @Override
    public void save(UUID mapping, String shardId, ShardProgress progress) throws StoreException, LeaseLostException {
        synchronized (shared) {
            Instant created = shared.store.load(mapping).orElseThrow().created();
            if (!new Claim(node, created).equals(shared.newest.get(shardId))) {
                throw new LeaseLostException("another node has it");
            }
            shared.store.save(mapping, shardId, progress);
        }
    }

    @Override
    public void forget(UUID mapping, Set<String> shardIds) {
        shared.store.forget(mapping, shardIds);
        shared.forgotten.add(shardIds);
    }

    @Override
    public void audit(AuditEntry entry) {}

    @Override
    public void close() {}
}
