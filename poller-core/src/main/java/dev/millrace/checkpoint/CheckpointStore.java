package dev.millrace.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Keeps how far stream mappings are processed, for one node. Called from many virtual threads at once; a call blocks until
 * what it wrote survives a crash of process and host. Every call is atomic: after a crash it is there as a whole or not at
 * all. A call that throws {@link StoreException} may or may not have written; the caller tries again, and writing the
 * same once more is harmless.
 */
public interface CheckpointStore extends AutoCloseable {

    /** What is stored of the mapping; empty when it was never created or was deleted. */
    Optional<MappingProgress> load(UUID mapping) throws StoreException, InterruptedException;

    /** Creates the mapping with the shards' starting points; replaces all that was stored of it. */
    void create(UUID mapping, MappingProgress progress) throws StoreException, InterruptedException;

    /** Stores one shard; replaces what was stored of it. The calls for one shard come one after the other. */
    void save(UUID mapping, String shardId, ShardProgress progress) throws StoreException, InterruptedException;

    /** Forgets shards, which the source no longer has. */
    void forget(UUID mapping, Set<String> shardIds) throws StoreException, InterruptedException;

    /** Forgets the mapping and its shards; its audit stays. */
    void delete(UUID mapping) throws StoreException, InterruptedException;

    /** The mappings that are stored, with their streams' ARNs. */
    Map<UUID, String> mappings() throws StoreException, InterruptedException;

    /** Adds to the audit. */
    void audit(AuditEntry entry) throws StoreException, InterruptedException;

    /**
     * The audit of a mapping, newest first.
     *
     * @param limit entries at most
     */
    List<AuditEntry> audit(UUID mapping, int limit) throws StoreException, InterruptedException;

    @Override
    void close();
}
