package dev.millrace.dynamodb;

import dev.millrace.aws.stream.PollingShardReader;
import dev.millrace.aws.stream.ShardCalls;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;

/** One shard of a table's stream, as one reader reads it. Owned by that. */
final class DynamoDbShard implements ShardCalls {

    /** DynamoDB takes an iterator for 15 minutes (spec 3.2); some less, for the way to it. */
    private static final Duration ITERATOR_LIFE = Duration.ofMinutes(14).plusSeconds(30);

    /** An answer that leaves more to be read has not reached the tip, however young its last record is. */
    private static final Duration NOT_AT_TIP = Duration.ofMillis(1);

    /** On top of what creation times are rounded by: the way of a record to its reader. */
    private static final Duration UNDERWAY = Duration.ofSeconds(1);

    /** How far behind a place is at most of which nothing is known: no record is older (spec 3.2), and a minute makes sure. */
    private static final Duration ANYWHERE = DynamoDbStreamSource.RETENTION.plusMinutes(1);

    private final DynamoDbCalls calls;
    private final String shardId;
    private final BooleanSupplier closed;
    private final ChangeRecords records;
    private final Duration fresh;
    private final InstantSource clock;

    /** The last record that was answered, behind which the reader goes on; null when that is not known. */
    private @Nullable StreamRecord reached;

    /**
     * A shard.
     *
     * @param closed whether it is known that no records are added to it
     * @param rounding to what creation times are rounded down
     * @param clock tells how old records are
     */
    DynamoDbShard(
            DynamoDbCalls calls,
            String shardId,
            BooleanSupplier closed,
            ChangeRecords records,
            Duration rounding,
            InstantSource clock) {
        this.calls = calls;
        this.shardId = shardId;
        this.closed = closed;
        this.records = records;
        this.fresh = rounding.plus(UNDERWAY);
        this.clock = clock;
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
        if (reached != null && !position.equals(new ReadPosition.After(reached.sequenceNumber()))) {
            reached = null;
        }
        return calls.iterator(shardId, position);
    }

    @Override
    public Answer records(String iterator, int maximum, ReadPosition from)
            throws SourceException, InterruptedException {
        String streamArn = calls.streamArn();
        GetRecordsResponse response = calls.records(iterator, maximum);
        try {
            List<Record> answered = response.records();
            List<StreamRecord> wanted = records.of(answered, from, streamArn);
            String next = response.nextShardIterator();
            Duration behind = answered.isEmpty()
                    ? behindOfNothing(next == null, from)
                    : behind(
                            answered,
                            answered.size() >= Math.min(maximum, DynamoDbCalls.MOST_RECORDS) || wanted.isEmpty());
            reached = wanted.isEmpty() ? reached : wanted.getLast();
            return new Answer(wanted, behind, next, next == null ? children() : null, false);
        } catch (RuntimeException e) {
            throw calls.failures().of(e, "dynamodb:GetRecords");
        }
    }

    /**
     * How far an answer with records is behind the tip, which DynamoDB does not say: it is at the tip, unless the last of them
     * is old. A shard takes 1,000 changes a second, and four answers of up to 1,000 keep pace with it.
     *
     * @param more the answer ended where its limit is, or before the place that is looked for
     */
    private Duration behind(List<Record> answered, boolean more) {
        Duration age = since(answered.getLast().dynamodb().approximateCreationDateTime());
        if (more) {
            return age.compareTo(NOT_AT_TIP) > 0 ? age : NOT_AT_TIP;
        }
        return age.compareTo(fresh) > 0 ? age : Duration.ZERO;
    }

    /**
     * How far an answer without records is behind the tip. AWS gives such also on the way through a shard. A closed shard has
     * an end, so there it is on the way until that is told; an open one may be at its tip, and is taken to be.
     */
    private Duration behindOfNothing(boolean atEnd, ReadPosition from) {
        if (atEnd || !closed.getAsBoolean()) {
            return Duration.ZERO;
        }
        Duration age = switch (from) {
            case ReadPosition.AtTimestamp(var time) -> since(time);
            case ReadPosition.After _, ReadPosition.TrimHorizon _ ->
                reached == null ? ANYWHERE : since(reached.arrival());
        };
        return age.compareTo(NOT_AT_TIP) > 0 ? age : NOT_AT_TIP;
    }

    private Duration since(Instant time) {
        return Duration.between(time, clock.instant());
    }

    /** The shards that follow, as far as the server names them. DynamoDB Local answers the shard itself instead. */
    private List<StreamShard> children() throws InterruptedException {
        try {
            return calls.children(shardId).stream()
                    .filter(shard -> shardId.equals(shard.parentShardId()))
                    .map(DynamoDbShard::listed)
                    .toList();
        } catch (SourceException e) {
            // Where nobody names them the shards are listed, which tells what is wrong if that fails, too.
            return List.of();
        }
    }

    /** A shard as the service lists it. */
    static StreamShard listed(Shard shard) {
        String parent = shard.parentShardId();
        boolean closed = shard.sequenceNumberRange() != null
                && shard.sequenceNumberRange().endingSequenceNumber() != null;
        return new StreamShard(shard.shardId(), parent == null ? List.of() : List.of(parent), closed);
    }

    @Override
    public String toString() {
        return shardId;
    }
}
