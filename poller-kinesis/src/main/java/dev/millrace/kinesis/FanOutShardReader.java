package dev.millrace.kinesis;

import dev.millrace.aws.stream.PollingShardReader;
import dev.millrace.aws.stream.ShardAnswer;
import dev.millrace.kinesis.ShardSubscription.Signal;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;

/**
 * Reads one shard by enhanced fan-out: a subscription pushes events, and the next one begins where the last one ended. Not
 * thread-safe; see {@link ShardReader}.
 *
 * <p>While no subscription can be had, because the last one began a moment ago or because it was refused, reads go on by
 * GetRecords, which shares the shard's throughput with others but misses nothing. Refusals that last are failed reads,
 * so that the poller tells of them.
 */
final class FanOutShardReader implements ShardReader {

    /**
     * No pauses: a read waits for the next event by itself. Longest: that wait, or a pause and a read by GetRecords, and
     * some more.
     */
    static final ReadPacing PACING = new ReadPacing(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(25));

    /** How long a read waits: a subscription without records brings an empty event about this often. */
    static final Duration WAIT = Duration.ofSeconds(5);

    /** After this many waits without any event the subscription is taken for dead; KCL does so after 35 s. */
    private static final int MOST_SILENT_WAITS = 6;

    /**
     * After this many events without records, about a minute, GetRecords is asked whether the subscription misses
     * something. The emulator kinesis-local, which LocalStack uses too, never tells a subscriber of the end of a shard.
     */
    private static final int MOST_EMPTY_EVENTS = 10;

    /**
     * A wait of this length shows that nothing is held back on the way: it was asked for, and did not come. Covers the way
     * to another region and back, and a pause of the garbage collector.
     */
    private static final Duration DRY = Duration.ofSeconds(1);

    /**
     * How a reader tells the time.
     *
     * @param nanoTime a clock for durations
     * @param patience how long a read waits for an event
     */
    record Timing(LongSupplier nanoTime, Duration patience) {
        /** The one to use outside of tests. */
        static final Timing REAL = new Timing(System::nanoTime, WAIT);
    }

    private final String consumerArn;
    private final String shardId;
    private final ShardRecords records;
    private final KinesisFailures failures;
    private final Function<SubscribeToShardRequest, ShardSubscription> subscriber;
    private final PollingShardReader polling;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final SubscriptionPace pace;

    /** Where the caller has to go on for all that follows to be of use. */
    private @Nullable ReadPosition position;

    private @Nullable ShardAnswer answer;
    private @Nullable ShardSubscription subscription;

    /** The service's own name for the place behind {@link #answer}; null when it is {@link #position}. */
    private @Nullable String continuation;

    private @Nullable Duration behindLatest;
    /** Since when that may be so, by {@link #nanoTime}. */
    private long behindSince;

    private int silentWaits;
    private int emptyEvents;

    /** When the next read by GetRecords may be made, by {@link #nanoTime}. */
    private long pollDue;

    /**
     * Kinesis cannot have made before this what comes by the subscription from now on, by {@link #nanoTime}. An event may
     * have been held back since then, for as long as nobody read; what it says of the tip of the shard is as old.
     */
    private long freshSince;

    /**
     * A reader that has not read.
     *
     * @param subscriber starts a subscription
     * @param polling reads while there is none
     */
    FanOutShardReader(
            StreamAddress address,
            String shardId,
            ShardRecords records,
            Function<SubscribeToShardRequest, ShardSubscription> subscriber,
            PollingShardReader polling,
            Timing timing) {
        this.consumerArn = address.source().toString();
        this.shardId = shardId;
        this.records = records;
        this.failures = new KinesisFailures(address);
        this.subscriber = subscriber;
        this.polling = polling;
        this.timing = timing;
        this.nanoTime = timing.nanoTime();
        this.pace = new SubscriptionPace(nanoTime);
        this.pollDue = nanoTime.getAsLong();
        this.freshSince = pollDue;
        this.behindSince = pollDue;
    }

    @Override
    public ShardRead read(ReadPosition from, int maximum) throws SourceException, InterruptedException {
        if (!from.equals(position)) {
            forget();
            position = from;
        }
        ShardAnswer current = answer;
        if (current == null) {
            ShardSubscription subscribed = subscribed(from);
            if (subscribed == null || emptyEvents >= MOST_EMPTY_EVENTS) {
                return poll(from, maximum);
            }
            current = await(subscribed, from);
        }
        ShardRead read = current.take(maximum, nanoTime.getAsLong());
        answer = current.isTaken() ? null : current;
        position = ShardAnswer.after(from, read);
        return read;
    }

    // ---- by subscription ----

    /** The subscription, begun when it is time for it; null when it is not. */
    private @Nullable ShardSubscription subscribed(ReadPosition from) throws InterruptedException {
        if (subscription == null) {
            pauseUntil(Math.min(pace.due(), pollDue));
            if (pace.isDue()) {
                pace.begins();
                silentWaits = 0;
                emptyEvents = 0;
                freshSince = nanoTime.getAsLong();
                subscription = subscriber.apply(SubscribeToShardRequest.builder()
                        .consumerARN(consumerArn)
                        .shardId(shardId)
                        .startingPosition(start(from))
                        .build());
            }
        }
        return subscription;
    }

    private StartingPosition start(ReadPosition from) {
        StartingPosition.Builder start = StartingPosition.builder();
        if (continuation != null) {
            return start.type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                    .sequenceNumber(continuation)
                    .build();
        }
        return switch (from) {
            case ReadPosition.TrimHorizon() ->
                start.type(ShardIteratorType.TRIM_HORIZON).build();
            case ReadPosition.AtTimestamp(var time) ->
                start.type(ShardIteratorType.AT_TIMESTAMP).timestamp(time).build();
            case ReadPosition.After(var number) ->
                start.type(KinesisCalls.typeAfter(number))
                        .sequenceNumber(number.digits())
                        .build();
        };
    }

    private ShardAnswer await(ShardSubscription subscribed, ReadPosition from)
            throws SourceException, InterruptedException {
        Signal signal = next(subscribed);
        while (signal instanceof Signal.Accepted) {
            pace.begins();
            signal = next(subscribed);
        }
        return switch (signal) {
            case null -> silence();
            case Signal.Accepted _ -> nothing();
            case Signal.Arrived(var event) -> arrived(event, from);
            case Signal.Ended _ -> ended();
            case Signal.Failed(var cause) -> failed(cause);
        };
    }

    private @Nullable Signal next(ShardSubscription subscribed) throws InterruptedException {
        long start = nanoTime.getAsLong();
        Signal signal = subscribed.next(timing.patience());
        if (nanoTime.getAsLong() - start >= DRY.toNanos()) {
            freshSince = start;
        }
        return signal;
    }

    /** The subscription's time is over, or its connection was cut. The shard has not ended: an event would have said so. */
    private ShardAnswer ended() throws SourceException {
        forgetSubscription();
        if (pace.endsEarly()) {
            pace.breaks();
            if (!pace.isQuiet()) {
                throw failures.cutSubscription(shardId, pace.breaksInARow());
            }
        }
        return nothing();
    }

    /** A subscription was refused or broke off: the reason is thrown, or nothing was read where that is usual. */
    private ShardAnswer failed(Throwable cause) throws SourceException, InterruptedException {
        forgetSubscription();
        pace.breaks();
        if (KinesisFailures.isTaken(cause) && pace.isQuiet()) {
            return nothing();
        }
        throw failures.ofSubscription(cause, shardId);
    }

    private ShardAnswer silence() throws SourceException {
        silentWaits++;
        if (silentWaits >= MOST_SILENT_WAITS) {
            forgetSubscription();
            throw failures.silentSubscription(shardId, timing.patience().multipliedBy(MOST_SILENT_WAITS));
        }
        return nothing();
    }

    /** What was said of the tip is as old as it is. */
    private ShardAnswer nothing() {
        return new ShardAnswer(List.of(), behindLatest, null, behindSince);
    }

    private ShardAnswer arrived(SubscribeToShardEvent event, ReadPosition from)
            throws SourceException, InterruptedException {
        try {
            boolean atEnd = event.continuationSequenceNumber() == null;
            boolean namesChildren =
                    event.hasChildShards() && !event.childShards().isEmpty();
            ShardAnswer arrived = new ShardAnswer(
                    records.of(event.records(), from),
                    KinesisShard.behind(event.millisBehindLatest()),
                    atEnd && namesChildren ? KinesisShard.children(event.childShards()) : null,
                    freshSince);
            continuation = event.continuationSequenceNumber();
            behindLatest = KinesisShard.behind(event.millisBehindLatest());
            behindSince = freshSince;
            silentWaits = 0;
            emptyEvents = event.records().isEmpty() ? emptyEvents + 1 : 0;
            pace.brings();
            if (atEnd) {
                // Where it does not say what follows, GetRecords is asked whether this is the end.
                forgetSubscription();
            }
            return arrived;
        } catch (RuntimeException e) {
            return failed(e);
        }
    }

    // ---- by GetRecords ----

    private ShardRead poll(ReadPosition from, int maximum) throws SourceException, InterruptedException {
        pollDue = after(KinesisStreamSource.POLLING.busy());
        emptyEvents = 0;
        ShardRead read = polling.read(from, maximum);
        behindLatest = read.behindLatest();
        behindSince = nanoTime.getAsLong() - read.age().toNanos();
        if (behindLatest == null || behindLatest.isZero()) {
            pollDue = after(KinesisStreamSource.POLLING.idle());
        }
        if (!read.records().isEmpty() || read.atEnd()) {
            // A subscription would bring the same once more.
            forgetSubscription();
            position = ShardAnswer.after(from, read);
            continuation = null;
        }
        return read;
    }

    // ---- time and end ----

    private long after(Duration time) {
        return nanoTime.getAsLong() + time.toNanos();
    }

    private void pauseUntil(long due) throws InterruptedException {
        long left = due - nanoTime.getAsLong();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }

    private void forget() {
        forgetSubscription();
        position = null;
        answer = null;
        continuation = null;
        behindLatest = null;
    }

    private void forgetSubscription() {
        if (subscription != null) {
            subscription.cancel();
            subscription = null;
        }
    }

    @Override
    public void close() {
        forget();
        polling.close();
    }

    @Override
    public String toString() {
        return "FanOutShardReader[" + shardId + "]";
    }
}
