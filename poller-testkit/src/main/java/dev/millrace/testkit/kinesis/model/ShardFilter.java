package dev.millrace.testkit.kinesis.model;

import java.time.Instant;

/** Which shards ListShards tells of. */
public sealed interface ShardFilter {

    /** All that are left. */
    record Everything() implements ShardFilter {}

    /** Those whose names come behind this one. */
    record AfterShardId(String shardId) implements ShardFilter {}

    record AtTrimHorizon() implements ShardFilter {}

    /** Those that are open. */
    record AtLatest() implements ShardFilter {}

    /** Those that were open at this time. */
    record AtTimestamp(Instant timestamp) implements ShardFilter {}

    /** Those that were open at this time or later. */
    record FromTimestamp(Instant timestamp) implements ShardFilter {}
}
