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
    private @Nullable String iterator;

    private long iteratorSince;

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
        ShardRead read = current.take(maximum);
        answer = current.isTaken() ? null : current;
        position = ShardAnswer.after(from, read);
        return read;
    }

    private ShardAnswer fetch(ReadPosition from, int maximum) throws SourceException, InterruptedException {
        // Invariant: whatever fails leaves nothing behind that the next read could wrongly go on with.
        String current = usableIterator();
        forget();
        if (current == null) {
            current = calls.iterator(shardId, from);
            iteratorSince = nanoTime.getAsLong();
        }
        try {
            return answer(calls.records(current, maximum), from);
        } catch (SourceException e) {
            if (e.problem().kind() == Kind.THROTTLED) {
                // The iterator is as good as before, and asking for another would be one more call of a shard under load.
                position = from;
                iterator = current;
            }
            throw e;
        }
    }

    private @Nullable String usableIterator() {
        boolean tooOld = nanoTime.getAsLong() - iteratorSince > ITERATOR_LIFE.toNanos();
        return tooOld ? null : iterator;
    }

    private ShardAnswer answer(GetRecordsResponse response, ReadPosition from)
            throws SourceException, InterruptedException {
        try {
            ShardAnswer answered = new ShardAnswer(
                    records.of(response.records(), from),
                    ShardAnswer.behind(response.millisBehindLatest()),
                    response.nextShardIterator() == null ? ShardAnswer.children(response.childShards()) : null);
            iterator = response.nextShardIterator();
            iteratorSince = nanoTime.getAsLong();
            return answered;
        } catch (RuntimeException e) {
            throw calls.failures().of(e, "kinesis:GetRecords");
        }
    }

    private void forget() {
        position = null;
        answer = null;
        iterator = null;
    }

    /** Nothing to give up: an iterator is no more than a text. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "PollingShardReader[" + shardId + "]";
    }
}
