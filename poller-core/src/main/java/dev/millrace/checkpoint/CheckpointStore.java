package dev.millrace.checkpoint;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how far stream mappings are processed, for one node or for several. Called from many virtual threads at once; a call blocks until
 * what it wrote survives a crash of process and host. Every call is atomic: after a crash it is there as a whole or not at
 * all, and whoever reads sees all of it or nothing. A call that throws {@link StoreException} may or may not have written;
 * the caller tries again, and writing the same once more is harmless. The same holds for one that is interrupted. A call
 * after {@link #close()} throws {@link StoreException}.
 */
public interface CheckpointStore extends AutoCloseable {

    /** What is stored of the mapping; empty when it was never created. */
    Optional<MappingProgress> load(UUID mapping) throws StoreException, InterruptedException;

    /**
     * Creates the mapping with the shards' starting points; replaces all that was stored of it.
     *
     * @param before what {@link #load} has answered, null for nothing
     * @return false when the mapping is no longer as it was before, since another node has created it: load it again
     */
    boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before)
            throws StoreException, InterruptedException;

    /**
     * Takes a shard over: from now on only this store can {@link #save} it, and no other one that was opened on the same
     * data. Answers what is stored of the shard; empty when that is nothing.
     *
     * @param created when the mapping was created, as far as the caller knows
     * @throws StoreException also when the mapping has been created anew since: its shards are others, maybe with the same ids
     * @throws IllegalStateException when the mapping is not stored
     */
    Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created)
            throws StoreException, InterruptedException;

    /**
     * Stores one shard, which was claimed since this store was opened; replaces what was stored of it. The calls for one shard
     * come one after the other.
     *
     * @throws LeaseLostException when another node has claimed the shard since this one did; nothing was stored
     * @throws IllegalStateException when the mapping is not stored, or the store knows of no claim where it needs one
     */
    void save(UUID mapping, String shardId, ShardProgress progress)
            throws StoreException, LeaseLostException, InterruptedException;

    /** Forgets shards, which the source no longer has; takes shards and mappings that are not stored. */
    void forget(UUID mapping, Set<String> shardIds) throws StoreException, InterruptedException;

    /**
     * Adds to the audit, which people read with the tools of the store's data; the mapping need not be stored. A store keeps the
     * newest entries of a mapping, in the order of the calls, and may forget others.
     */
    void audit(AuditEntry entry) throws StoreException, InterruptedException;

    /** The mappings that the store's nodes share; empty in a store that is one node's own. Calls nothing. */
    default Optional<MappingDefinitions> definitions() {
        return Optional.empty();
    }

    /** Waits for calls under way, then closes. Further calls of it do nothing. */
    @Override
    void close();
}
