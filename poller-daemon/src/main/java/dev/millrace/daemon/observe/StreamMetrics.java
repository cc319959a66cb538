package dev.millrace.daemon.observe;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamObserver;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one stream mapping, all shards together: AWS's event source mapping metrics with their exact meanings
 * (spec 8.1), AWS's IteratorAge (spec 8.2), and our own beside them. See docs/metrics.md.
 */
public final class StreamMetrics implements StreamObserver {

    /** Upper bounds of the iterator age's buckets: from a shard that keeps up to Kinesis' default retention and a week. */
    private static final Duration[] AGES = {
        Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2_500),
        Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(1),
        Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(6),
        Duration.ofHours(24), Duration.ofDays(7)
    };

    private final InstantSource clock;
    private final PollMeters poll;
    private final InvocationMeters invocations;
    private final Counter emptyReads;
    private final Counter dropped;
    private final Counter delivered;
    private final Counter destinationErrors;
    private final Counter undeliverable;
    private final Counter gaps;
    private final Counter storeErrors;
    private final Counter windowsAbandoned;
    private final Counter shardsFinished;
    private final CountersBy<DiscardReason> discarded;
    private final Timer iteratorAge;
    /** By shard, for as long as the shard is processed. */
    private final Map<String, Duration> lastAges = new ConcurrentHashMap<>();

    /**
     * Meters that count from now on.
     *
     * @param destination of the mapping's discards; null when it has none
     */
    public StreamMetrics(
            EventSourceMapping mapping,
            @Nullable Destination destination,
            MeterRegistry registry,
            InstantSource clock) {
        this.clock = clock;
        Tags tags = MappingTags.of(mapping);
        poll = new PollMeters(tags, registry);
        invocations = new InvocationMeters(tags, registry);
        emptyReads = registry.counter("millrace.empty.reads", tags);
        dropped = registry.counter("millrace.dropped.event.count", tags);
        delivered = registry.counter("millrace.on.failure.destination.delivered.event.count", tags);
        destinationErrors = registry.counter("millrace.destination.errors", tags);
        undeliverable = registry.counter("millrace.destination.delivery.failures", tags);
        gaps = registry.counter("millrace.gaps", tags);
        storeErrors = registry.counter("millrace.store.errors", tags);
        windowsAbandoned = registry.counter("millrace.windows.abandoned", tags);
        shardsFinished = registry.counter("millrace.shards.finished", tags);
        discarded = new CountersBy<>(
                DiscardReason.class,
                "reason",
                tags,
                labels -> registry.counter("millrace.discarded.event.count", labels));
        if (destination != null) {
            FunctionCounter.builder(
                            "millrace.destination.without.payload", destination, Destination::deliveredWithoutPayload)
                    .tags(tags)
                    .register(registry);
        }
        iteratorAge = Timer.builder("millrace.iterator.age")
                .tags(tags)
                .serviceLevelObjectives(AGES)
                .register(registry);
    }

    @Override
    public void shardStarted(String shardId, ShardProgress from) {}

    @Override
    public void shardEnded(String shardId, ShardCommand.End end) {
        lastAges.remove(shardId);
        if (end == ShardCommand.End.SHARD_END) {
            shardsFinished.increment();
        }
    }

    @Override
    public void turn(String shardId, ShardEvent event, List<ShardCommand> commands) {
        switch (event) {
            case ShardEvent.Read(var _, var read) -> received(read.records());
            case ShardEvent.ReadFailed(var _, var problem) -> poll.failed(problem);
            case ShardEvent.DeliveryFailed _ -> destinationErrors.increment();
            case ShardEvent.SaveFailed _ -> storeErrors.increment();
            case ShardEvent.Tick _,
                    ShardEvent.Invoked _,
                    ShardEvent.Delivered _,
                    ShardEvent.Saved _,
                    ShardEvent.FunctionHealthChanged _,
                    ShardEvent.ConditionsChanged _,
                    ShardEvent.ShardGone _,
                    ShardEvent.LeaseLost _,
                    ShardEvent.StopRequested _ -> {}
        }
        for (ShardCommand command : commands) {
            switch (command) {
                case ShardCommand.Invoke invoke -> sent(shardId, invoke.records());
                case ShardCommand.Report(var notice) -> report(notice);
                case ShardCommand.Read _,
                        ShardCommand.Deliver _,
                        ShardCommand.Save _,
                        ShardCommand.SaveEnd _,
                        ShardCommand.CancelInvocations _,
                        ShardCommand.Finish _ -> {}
            }
        }
    }

    private void received(List<StreamRecord> records) {
        if (records.isEmpty()) {
            emptyReads.increment();
        }
        int unmatched = 0;
        for (StreamRecord record : records) {
            unmatched += record.matched() ? 0 : 1;
        }
        poll.polled(records.size(), unmatched);
    }

    /** IteratorAge is the age of the batch's last record when it is sent, again with each attempt (spec 8.2). */
    private void sent(String shardId, List<StreamRecord> records) {
        invocations.begun(records.size());
        if (records.isEmpty()) {
            return; // The end of a tumbling window.
        }
        Duration age = Duration.between(records.getLast().arrival(), clock.instant());
        Duration shown = age.isNegative() ? Duration.ZERO : age;
        iteratorAge.record(shown);
        lastAges.put(shardId, shown);
    }

    private void report(ShardNotice notice) {
        switch (notice) {
            case ShardNotice.Gap _ -> gaps.increment();
            case ShardNotice.Discarded(var discard, var fate) -> {
                int records = discard.records().size();
                discarded.increment(discard.reason(), records);
                switch (fate) {
                    case DELIVERED -> delivered.increment(records);
                    case DROPPED -> dropped.increment(records);
                    case UNDELIVERABLE -> {
                        undeliverable.increment();
                        dropped.increment(records);
                    }
                }
            }
            case ShardNotice.WindowAbandoned _ -> windowsAbandoned.increment();
            case ShardNotice.DestinationTrouble _,
                    ShardNotice.SourceTrouble _,
                    ShardNotice.SourceRecovered _,
                    ShardNotice.StoreTrouble _,
                    ShardNotice.StoreRecovered _,
                    ShardNotice.LetGo _ -> {}
        }
    }

    @Override
    public void invoked(
            String shardId,
            ShardCommand.Invoke invoke,
            String requestId,
            InvocationOutcome outcome,
            Duration duration) {
        invocations.ended(invoke.records().size(), outcome, duration);
    }

    @Override
    public void crashed(@Nullable String shardId, Throwable defect, Duration restartIn) {
        poll.crashed();
    }

    @Override
    public void streamTrouble(SourceProblem problem, Duration retryIn) {
        poll.failed(problem);
    }

    @Override
    public void storeTrouble(String message, Duration retryIn) {
        storeErrors.increment();
    }

    @Override
    public void gap(String shardId, ShardNotice.Gap gap) {
        report(gap);
    }

    @Override
    public void noted(String action, String detail) {}

    /** The IteratorAge of the shard's last invocation; empty before the first one and once the shard has ended. */
    public Optional<Duration> iteratorAge(String shardId) {
        return Optional.ofNullable(lastAges.get(shardId));
    }
}
