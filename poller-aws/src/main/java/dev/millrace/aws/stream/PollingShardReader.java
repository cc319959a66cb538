package dev.millrace.aws.stream;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads one shard by GetRecords, one iterator leading to the next. Not thread-safe; see {@link ShardReader}. */
public final class PollingShardReader implements ShardReader {

    private final ShardCalls calls;
    private final Duration iteratorLife;
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
     * @param calls the calls of the shard
     * @param iteratorLife after which an iterator is not used any more: what the service says, less some for the way to it
     * @param nanoTime a clock for durations, {@link System#nanoTime()} outside of tests
     */
    public PollingShardReader(ShardCalls calls, Duration iteratorLife, LongSupplier nanoTime) {
        this.calls = calls;
        this.iteratorLife = iteratorLife;
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
        Place used = place == null ? sought(from, horizon) : place;
        try {
            return answer(used, from, maximum);
        } catch (SourceException e) {
            if (e.problem().kind() == Kind.TRIMMED && !(from instanceof ReadPosition.After)) {
                // No record was lost that had a place here: the oldest one has moved on since the iterator was
                // answered.
                // As TRIMMED it would tell a gap, and begin at the oldest record where a time was asked for.
                throw new SourceException(
                        new SourceProblem(
                                Kind.EXPIRED_ITERATOR,
                                e.problem().message() + " The oldest record is asked for again."),
                        e);
            }
            if (e.problem().kind() == Kind.THROTTLED) {
                // The iterator is as good as before, and asking for another would be one more call of a shard under
                // load.
                position = from;
                next = used;
            }
            throw e;
        }
    }

    private Place sought(ReadPosition from, boolean horizon) throws SourceException, InterruptedException {
        ReadPosition sought = horizon ? new ReadPosition.TrimHorizon() : from;
        return new Place(calls.iterator(sought), nanoTime.getAsLong(), horizon);
    }

    private boolean isTooOld(Place place) {
        return nanoTime.getAsLong() - place.since() > iteratorLife.toNanos();
    }

    private ShardAnswer answer(Place place, ReadPosition from, int maximum)
            throws SourceException, InterruptedException {
        long since = nanoTime.getAsLong();
        ShardCalls.Answer answered = calls.records(place.iterator(), maximum, from);
        seekHorizon = !place.fromHorizon() && answered.beforeHorizon();
        next = answered.next() == null || seekHorizon
                ? null
                : new Place(answered.next(), nanoTime.getAsLong(), place.fromHorizon());
        return new ShardAnswer(answered.records(), answered.behindLatest(), answered.children(), since);
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
        return "PollingShardReader[" + calls + "]";
    }
}
