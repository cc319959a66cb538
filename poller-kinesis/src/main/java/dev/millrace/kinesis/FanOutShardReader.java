package dev.millrace.kinesis;

import dev.millrace.invoke.Backoff;
import dev.millrace.kinesis.ShardSubscription.Signal;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
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

    /** Kinesis refuses another subscription of the same consumer and shard for so long (spec 3.1). */
    private static final Duration BETWEEN_SUBSCRIPTIONS = Duration.ofSeconds(5);

    /** A refusal that lasts is mended by people; asking more often only fills logs. */
    private static final Backoff AFTER_FAILURE = new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1));

    /** After a restart the subscription of the process before is there for some seconds; only what lasts is told. */
    private static final int MOST_QUIET_REFUSALS = 3;

    /** A subscription that lives this long is not one of two readers that take a consumer from each other. */
    private static final Duration HEALTHY = Duration.ofMinutes(1);

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

    /** Where the caller has to go on for all that follows to be of use. */
    private @Nullable ReadPosition position;

    private @Nullable ShardAnswer answer;
    private @Nullable ShardSubscription subscription;

    /** The service's own name for the place behind {@link #answer}; null when it is {@link #position}. */
    private @Nullable String continuation;

    private @Nullable Duration behindLatest;
    private int silentWaits;
    private int emptyEvents;
    private int failuresInARow;
    /** When the next subscription may be tried, and the next read by GetRecords made; by {@link #nanoTime}. */
    private long subscribeDue;

    private long pollDue;

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
        this.subscribeDue = nanoTime.getAsLong();
        this.pollDue = subscribeDue;
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
        ShardRead read = current.take(maximum);
        answer = current.isTaken() ? null : current;
        position = ShardAnswer.after(from, read);
        return read;
    }

    // ---- by subscription ----

    /** The subscription, begun when it is time for it; null when it is not. */
    private @Nullable ShardSubscription subscribed(ReadPosition from) throws InterruptedException {
        if (subscription == null) {
            pauseUntil(Math.min(subscribeDue, pollDue));
            if (nanoTime.getAsLong() - subscribeDue >= 0) {
                subscribeDue = after(BETWEEN_SUBSCRIPTIONS);
                silentWaits = 0;
                emptyEvents = 0;
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
        Signal signal = subscribed.next(timing.patience());
        while (signal instanceof Signal.Accepted) {
            subscribeDue = after(BETWEEN_SUBSCRIPTIONS);
            signal = subscribed.next(timing.patience());
        }
        return switch (signal) {
            case null -> silence();
            case Signal.Accepted _ -> nothing();
            case Signal.Arrived(var event) -> arrived(event, from);
            case Signal.Ended _ -> {
                forgetSubscription();
                yield nothing();
            }
            case Signal.Failed(var cause) -> failed(cause);
        };
    }

    /** A subscription was refused or broke off: the reason is thrown, or nothing was read where that is usual. */
    private ShardAnswer failed(Throwable cause) throws SourceException, InterruptedException {
        forgetSubscription();
        failuresInARow++;
        long due = after(AFTER_FAILURE.pause(failuresInARow, ThreadLocalRandom.current()));
        subscribeDue = due - subscribeDue > 0 ? due : subscribeDue;
        if (KinesisFailures.isTaken(cause) && failuresInARow < MOST_QUIET_REFUSALS) {
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

    private ShardAnswer nothing() {
        return new ShardAnswer(List.of(), behindLatest, null);
    }

    private ShardAnswer arrived(SubscribeToShardEvent event, ReadPosition from)
            throws SourceException, InterruptedException {
        try {
            boolean atEnd = event.continuationSequenceNumber() == null;
            boolean namesChildren =
                    event.hasChildShards() && !event.childShards().isEmpty();
            ShardAnswer arrived = new ShardAnswer(
                    records.of(event.records(), from),
                    ShardAnswer.behind(event.millisBehindLatest()),
                    atEnd && namesChildren ? ShardAnswer.children(event.childShards()) : null);
            continuation = event.continuationSequenceNumber();
            behindLatest = ShardAnswer.behind(event.millisBehindLatest());
            silentWaits = 0;
            emptyEvents = event.records().isEmpty() ? emptyEvents + 1 : 0;
            if (nanoTime.getAsLong() - subscribeDue > HEALTHY.toNanos()) {
                failuresInARow = 0;
            }
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
