package dev.millrace.coordination;

/** Processes the shards that a coordinator gives it. Called from the coordinator's threads. */
public interface ShardHost {

    /** Begins to process a shard; returns at once. A shard is begun again only after its run before has ended. */
    ShardRun begin(ShardLease lease);
}
