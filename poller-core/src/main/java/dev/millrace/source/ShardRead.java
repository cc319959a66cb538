package dev.millrace.source;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one read of a shard brought.
 *
 * @param records in the shard's order; may be empty even where records follow
 * @param behindLatest how far behind the shard's tip this read is ({@code MillisBehindLatest}); null when the source does
 *     not say
 * @param children null while the shard goes on; otherwise this read has reached the end of the closed shard, and these are
 *     the shards that follow it (empty when the source does not name them)
 * @param age how long ago the source made this answer at most, as of the end of the read. Zero for what it was asked for by
 *     this read; more for what lay ready, such as what was pushed. What {@code behindLatest} says is as old
 */
public record ShardRead(
        List<StreamRecord> records,
        @Nullable Duration behindLatest,
        @Nullable List<StreamShard> children,
        Duration age) {

    /** What the source was asked for by this read. */
    public ShardRead(
            List<StreamRecord> records, @Nullable Duration behindLatest, @Nullable List<StreamShard> children) {
        this(records, behindLatest, children, Duration.ZERO);
    }

    public ShardRead {
        records = List.copyOf(records);
        children = children == null ? null : List.copyOf(children);
    }

    /** Whether nothing follows in this shard. */
    public boolean atEnd() {
        return children != null;
    }
}
