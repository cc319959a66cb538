package dev.millrace.kinesis;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;

/** Reads one shard by GetRecords, one iterator leading to the next. Not thread-safe; see {@link ShardReader}. */
final class PollingShardReader implements ShardReader {

    /** Kinesis takes an iterator for 5 minutes (spec 3.1); some less, for the way to it. */
    private static final Duration ITERATOR_LIFE = Duration.ofMinutes(4).plusSeconds(45);

    private final KinesisCalls calls;
    private final String shardId;
    private final ShardRecords records;
    private final LongSupplier nanoTime;

    /** Where the caller has to go on for all that follows to be of use; null when it is of none. */
    private @Nullable ReadPosition position;

    /** What was answered and not yet handed out, if anything. */
    private @Nullable ShardAnswer answer;

    /** What follows {@link #answer}; null when it has to be asked for. */
    private @Nullable Place next;

    /** Whether to ask for it from the oldest record on instead of from {@link #position}. */
    private boolean seekHorizon;

    /**
     * A place in the shard that can be read from.
     *
     * @param since when the iterator was answered, by {@link #nanoTime}
     * @param fromHorizon whether it came from the oldest record instead of the position asked for
     */
    private record Place(String iterator, long since, boolean fromHorizon) {}

    /**
     * A reader that has not read.
     *
     * @param nanoTime a clock for durations, {@link System#nanoTime()} outside of tests
     */
    PollingShardReader(KinesisCalls calls, String shardId, ShardRecords records, LongSupplier nanoTime) {
        this.calls = calls;
        this.shardId = shardId;
        this.records = records;
        this.nanoTime = nanoTime;
    }

    @Override
    public ShardRead read(ReadPosition from, int maximum) throws SourceException, InterruptedException {
        if (!from.equals(position)) {
            forget();
        }
        ShardAnswer current = answer == null ? fetch(from, maximum) : answer;
        ShardRead read = current.take(maximum, nanoTime.getAsLong());
        answer = current.isTaken() ? null : current;
        position = ShardAnswer.after(from, read);
        return read;
    }

    private ShardAnswer fetch(ReadPosition from, int maximum) throws SourceException, InterruptedException {
        Place place = next == null || isTooOld(next) ? null : next;
        boolean horizon = seekHorizon;
        // Invariant: whatever fails leaves nothing behind that the next read could wrongly go on with.
        forget();
        if (place == null) {
            ReadPosition sought = horizon ? new ReadPosition.TrimHorizon() : from;
            place = new Place(calls.iterator(shardId, sought), nanoTime.getAsLong(), horizon);
        }
        try {
            long since = nanoTime.getAsLong();
            return answered(calls.records(place.iterator(), maximum), place, from, since);
        } catch (SourceException e) {
            if (e.problem().kind() == Kind.THROTTLED) {
                // The iterator is as good as before, and asking for another would be one more call of a shard under
                // load.
                position = from;
                next = place;
            }
            throw e;
        }
    }

    private boolean isTooOld(Place place) {
        return nanoTime.getAsLong() - place.since() > ITERATOR_LIFE.toNanos();
    }

    private ShardAnswer answered(GetRecordsResponse response, Place place, ReadPosition from, long since)
            throws SourceException, InterruptedException {
        try {
            String iterator = response.nextShardIterator();
            ShardAnswer answered = new ShardAnswer(
                    records.of(response.records(), from),
                    ShardAnswer.behind(response.millisBehindLatest()),
                    iterator == null ? ShardAnswer.children(response.childShards()) : null,
                    since);
            seekHorizon = !place.fromHorizon() && isBeforeHorizon(response);
            next = iterator == null || seekHorizon
                    ? null
                    : new Place(iterator, nanoTime.getAsLong(), place.fromHorizon());
            return answered;
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
        Duration behind = ShardAnswer.behind(response.millisBehindLatest());
        return response.records().isEmpty()
                && response.nextShardIterator() != null
                && retention != null
                && behind != null
                && behind.compareTo(retention) >= 0;
    }

    private void forget() {
        position = null;
        answer = null;
        next = null;
        seekHorizon = false;
    }

    /** Nothing to give up: an iterator is no more than a text. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "PollingShardReader[" + shardId + "]";
    }
}
