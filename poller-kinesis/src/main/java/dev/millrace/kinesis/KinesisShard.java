package dev.millrace.kinesis;

import dev.millrace.aws.stream.PollingShardReader;
import dev.millrace.aws.stream.ShardCalls;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;

/** One shard of a stream, as it is read by GetRecords. Immutable. */
final class KinesisShard implements ShardCalls {

    /** Kinesis takes an iterator for 5 minutes (spec 3.1); some less, for the way to it. */
    private static final Duration ITERATOR_LIFE = Duration.ofMinutes(4).plusSeconds(45);

    private final KinesisCalls calls;
    private final String shardId;
    private final ShardRecords records;

    KinesisShard(KinesisCalls calls, String shardId, ShardRecords records) {
        this.calls = calls;
        this.shardId = shardId;
        this.records = records;
    }

    /**
     * A reader of the shard.
     *
     * @param nanoTime a clock for durations, {@link System#nanoTime()} outside of tests
     */
    PollingShardReader reader(LongSupplier nanoTime) {
        return new PollingShardReader(this, ITERATOR_LIFE, nanoTime);
    }

    @Override
    public String iterator(ReadPosition position) throws SourceException, InterruptedException {
        return calls.iterator(shardId, position);
    }

    @Override
    public Answer records(String iterator, int maximum, ReadPosition from)
            throws SourceException, InterruptedException {
        GetRecordsResponse response = calls.records(iterator, maximum);
        try {
            String next = response.nextShardIterator();
            return new Answer(
                    records.of(response.records(), from),
                    behind(response.millisBehindLatest()),
                    next,
                    next == null ? children(response.childShards()) : null,
                    isBeforeHorizon(response));
        } catch (RuntimeException e) {
            throw calls.failures().of(e, "kinesis:GetRecords");
        }
    }

    /**
     * Whether the place is older than all that the stream still has. Kinesis lets such a one pass, and answers empty reads
     * for a long time until it comes to the oldest record; asked for that record, it gives it at once.
     */
    private boolean isBeforeHorizon(GetRecordsResponse response) {
        Duration retention = calls.retention();
        Duration behind = behind(response.millisBehindLatest());
        return response.records().isEmpty()
                && response.nextShardIterator() != null
                && retention != null
                && behind != null
                && behind.compareTo(retention) >= 0;
    }

    /** {@code MillisBehindLatest}, or null when the source did not say. */
    static @Nullable Duration behind(@Nullable Long milliseconds) {
        return milliseconds == null ? null : Duration.ofMillis(milliseconds);
    }

    /** {@code ChildShards}; open as far as anybody knows. */
    static List<StreamShard> children(List<ChildShard> answered) {
        List<StreamShard> children = new ArrayList<>(answered.size());
        for (ChildShard child : answered) {
            children.add(new StreamShard(child.shardId(), child.parentShards(), false));
        }
        return children;
    }

    @Override
    public String toString() {
        return shardId;
    }
}
