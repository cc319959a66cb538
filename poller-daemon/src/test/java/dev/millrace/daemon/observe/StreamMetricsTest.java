package dev.millrace.daemon.observe;

import static dev.millrace.daemon.observe.StreamFixture.NOW;
import static dev.millrace.daemon.observe.StreamFixture.SHARD;
import static dev.millrace.daemon.observe.StreamFixture.invoke;
import static dev.millrace.daemon.observe.StreamFixture.mapping;
import static dev.millrace.daemon.observe.StreamFixture.record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import dev.millrace.stream.ShardNotice.Fate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The exact meanings of AWS's metrics, spec 8.1 and 8.2, for streams. */
class StreamMetricsTest {

    private static final Duration TOOK = Duration.ofMillis(5);
    private static final List<StreamRecord> TWO =
            List.of(record(1, Duration.ofSeconds(9), true), record(2, Duration.ofSeconds(3), true));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StreamMetrics metrics = new StreamMetrics(mapping(), null, registry, InstantSource.fixed(NOW));

    @Test
    void countsPolledAndFilteredRecordsAndEmptyReadsApart() {
        read(record(1, Duration.ZERO, true), record(2, Duration.ZERO, false));
        read();

        assertThat(count("millrace.polled.event.count")).isEqualTo(2);
        assertThat(count("millrace.filtered.out.event.count")).isEqualTo(1);
        assertThat(count("millrace.empty.reads")).as("where AWS emits 0").isEqualTo(1);
    }

    @Test
    void countsInvokedRecordsAgainWithEachAttempt() {
        turn(invoke(1, TWO));
        turn(invoke(2, TWO));

        assertThat(count("millrace.invoked.event.count")).isEqualTo(4);
    }

    @Test
    void countsEveryRecordOfAFailedInvocationButNoThrottledOne() {
        ended(new InvocationOutcome.Succeeded(Payload.EMPTY));
        ended(new InvocationOutcome.Throttled("limit", Duration.ZERO));
        assertThat(count("millrace.failed.invoke.event.count")).isZero();

        ended(new InvocationOutcome.FunctionError("Error", "boom"));
        ended(new InvocationOutcome.BatchItemFailures(List.of("2")));
        assertThat(count("millrace.failed.invoke.event.count")).isEqualTo(4);
    }

    @Test
    void measuresTheAgeOfTheLastRecordWheneverABatchIsSent() {
        turn(invoke(1, TWO));
        turn(invoke(2, List.of(record(2, Duration.ofSeconds(5), true))));

        assertThat(registry.get("millrace.iterator.age").timer().count()).isEqualTo(2);
        assertThat(registry.get("millrace.iterator.age").timer().totalTime(TimeUnit.SECONDS))
                .isEqualTo(3 + 5);
        assertThat(metrics.iteratorAge(SHARD)).contains(Duration.ofSeconds(5));
        assertThat(metrics.iteratorAge("another")).isEmpty();
    }

    @Test
    void measuresNoAgeOfTheEndOfATumblingWindow() {
        turn(invoke(1, List.of()));

        assertThat(registry.get("millrace.iterator.age").timer().count()).isZero();
    }

    @Test
    void takesARecordFromTheFutureForANewOne() {
        turn(invoke(1, List.of(record(1, Duration.ofSeconds(-3), true))));

        assertThat(metrics.iteratorAge(SHARD)).contains(Duration.ZERO);
    }

    @Test
    void forgetsTheAgeOfAShardThatHasEnded() {
        turn(invoke(1, TWO));
        metrics.shardEnded(SHARD, ShardCommand.End.SHARD_END);

        assertThat(metrics.iteratorAge(SHARD)).isEmpty();
        assertThat(count("millrace.shards.finished")).isEqualTo(1);
    }

    @Test
    void countsAsDroppedWhatNoDestinationHasHeardOf() {
        discarded(DiscardReason.RETRY_ATTEMPTS_EXHAUSTED, Fate.DROPPED);
        discarded(DiscardReason.RECORD_AGE_EXCEEDED, Fate.DELIVERED);
        assertThat(count("millrace.dropped.event.count")).isEqualTo(2);
        assertThat(count("millrace.on.failure.destination.delivered.event.count"))
                .isEqualTo(2);

        discarded(DiscardReason.RECORD_AGE_EXCEEDED, Fate.UNDELIVERABLE);
        assertThat(count("millrace.dropped.event.count")).isEqualTo(4);
        assertThat(count("millrace.on.failure.destination.delivered.event.count"))
                .as("not emitted, spec 4.6")
                .isEqualTo(2);
        assertThat(count("millrace.destination.delivery.failures"))
                .as("one per delivery")
                .isEqualTo(1);
    }

    @Test
    void countsDiscardsByReasonWhateverBecameOfThem() {
        discarded(DiscardReason.RECORD_AGE_EXCEEDED, Fate.DROPPED);
        discarded(DiscardReason.RECORD_AGE_EXCEEDED, Fate.DELIVERED);

        assertThat(registry.get("millrace.discarded.event.count")
                        .tag("reason", "record_age_exceeded")
                        .counter()
                        .count())
                .isEqualTo(4);
        assertThat(registry.get("millrace.discarded.event.count")
                        .tag("reason", "record_too_large")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void countsGapsNeitherAsDroppedNorAsDiscarded() {
        turn(new ShardCommand.Report(new ShardNotice.Gap(null, NOW, "trimmed")));

        assertThat(count("millrace.gaps")).isEqualTo(1);
        assertThat(count("millrace.dropped.event.count")).isZero();
    }

    @Test
    void countsEveryFailedCall() {
        SourceProblem throttled = new SourceProblem(SourceProblem.Kind.THROTTLED, "slow");
        metrics.turn(SHARD, new ShardEvent.ReadFailed(1, throttled), List.of());
        metrics.streamTrouble(throttled, TOOK);
        metrics.turn(SHARD, new ShardEvent.DeliveryFailed(1, false, "refused"), List.of());
        metrics.turn(SHARD, new ShardEvent.SaveFailed(1, "disk full"), List.of());
        metrics.storeTrouble("disk full", TOOK);
        metrics.crashed(SHARD, new IllegalStateException("defect"), TOOK);

        assertThat(registry.get("millrace.source.errors")
                        .tag("kind", "throttled")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(count("millrace.destination.errors")).isEqualTo(1);
        assertThat(count("millrace.store.errors")).isEqualTo(2);
        assertThat(count("millrace.mapping.crashes")).isEqualTo(1);
    }

    private void read(StreamRecord... records) {
        metrics.turn(SHARD, new ShardEvent.Read(1, new ShardRead(List.of(records), null, null)), List.of());
    }

    private void turn(ShardCommand command) {
        metrics.turn(SHARD, new ShardEvent.Tick(), List.of(command));
    }

    private void ended(InvocationOutcome outcome) {
        metrics.invoked(SHARD, invoke(1, TWO), "request", outcome, TOOK);
    }

    private void discarded(DiscardReason reason, Fate fate) {
        turn(new ShardCommand.Report(
                new ShardNotice.Discarded(new Discard(SHARD, TWO, reason, 1, null, null, NOW), fate)));
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }
}
