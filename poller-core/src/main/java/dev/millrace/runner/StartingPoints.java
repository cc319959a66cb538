package dev.millrace.runner;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Where shards begin of which nothing is processed. */
final class StartingPoints {

    /** Of a shard of which nothing else is known. */
    static final ShardProgress OLDEST = ShardProgress.startingAt(new ReadPosition.TrimHorizon());

    /** Asks the source for the tip of a shard. */
    @FunctionalInterface
    interface Latest {
        ReadPosition of(StreamShard shard) throws SourceException, InterruptedException;
    }

    private StartingPoints() {}

    /**
     * Where the shards begin that exist when a mapping is created, in a form that means the same later (ADR 0016); those that
     * come later begin at their oldest record.
     *
     * @param retention how long the stream keeps records
     * @param now after the shards were listed
     */
    static Map<String, ShardProgress> pinned(
            StreamMembers members, Collection<StreamShard> shards, Latest latest, Duration retention, Instant now)
            throws SourceException, InterruptedException {
        Map<String, ShardProgress> points = new HashMap<>();
        for (StreamShard shard : shards) {
            ShardProgress point = switch (members.startingPosition()) {
                case TRIM_HORIZON -> OLDEST;
                case AT_TIMESTAMP ->
                    atTimestamp(Objects.requireNonNull(members.startingPositionTimestamp()), retention, now);
                case LATEST ->
                    shard.closed() ? ShardProgress.skipped(now) : ShardProgress.startingAt(latest.of(shard), now);
            };
            points.put(shard.shardId(), point);
        }
        return points;
    }

    private static ShardProgress atTimestamp(Instant timestamp, Duration retention, Instant now) {
        // What was gone when the mapping was created is no gap.
        boolean isGone = timestamp.isBefore(now.minus(retention));
        return isGone ? OLDEST : ShardProgress.startingAt(new ReadPosition.AtTimestamp(timestamp), timestamp);
    }

    /**
     * Where a shard begins that nobody has begun. What it has came after its parents' last records: if these were done with
     * so late that the stream may have dropped the first of its own, that is a gap.
     *
     * @param stored what is stored of its parents, by id
     */
    static ShardProgress after(Collection<String> parents, Map<String, ShardProgress> stored) {
        Instant upTo = null;
        for (String parentId : parents) {
            ShardProgress parent = stored.get(parentId);
            Instant done = parent == null ? null : parent.checkpoint().upTo();
            upTo = upTo == null || (done != null && done.isBefore(upTo)) ? done : upTo;
        }
        return upTo == null ? OLDEST : ShardProgress.startingAt(OLDEST.start(), upTo);
    }
}
