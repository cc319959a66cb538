package dev.millrace.runner;

import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamAttributes;

/** Processes the shards that a coordinator gives it. Called from the coordinator's thread. */
interface ShardHost {

    /** Tells the stream's attributes: before the first shard begins, and again every few minutes. Returns at once. */
    void described(StreamAttributes attributes);

    /**
     * Begins to process a shard, and tells its lease so; returns at once. A shard is begun again only after its run before has
     * ended.
     */
    ShardRun begin(ShardLease lease);
}
