package dev.millrace.daemon.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact meanings of AWS's metrics, spec 8.1. */
class QueueMetricsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TOOK = Duration.ofMillis(5);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final QueueMetrics metrics = new QueueMetrics(mapping(), registry);

    @Test
    void countsPolledAndFilteredMessagesAndEmptyPollsApart() {
        metrics.turn(new QueueEvent.Received(1, List.of(message("a", true), message("b", false)), NOW), List.of());
        metrics.turn(new QueueEvent.Received(2, List.of(), NOW), List.of());

        assertThat(count("millrace.polled.event.count")).isEqualTo(2);
        assertThat(count("millrace.filtered.out.event.count")).isEqualTo(1);
        assertThat(count("millrace.empty.receives")).as("where AWS emits 0").isEqualTo(1);
    }

    @Test
    void countsInvokedMessagesAgainWithEachAttempt() {
        metrics.turn(new QueueEvent.Tick(), List.of(invoke(1)));
        metrics.turn(new QueueEvent.Tick(), List.of(invoke(2)));

        assertThat(count("millrace.invoked.event.count")).isEqualTo(4);
    }

    static List<InvocationOutcome> failures() {
        return List.of(
                new InvocationOutcome.BatchItemFailures(List.of("a")),
                new InvocationOutcome.MalformedAnswer("not JSON"),
                new InvocationOutcome.FunctionError("Error", "boom"),
                new InvocationOutcome.Unavailable("refused", Duration.ZERO),
                new InvocationOutcome.TooLarge("413"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void countsEveryMessageOfAFailedInvocationAlsoThoseThatSucceeded(InvocationOutcome outcome) {
        metrics.invoked(invoke(1), "request", outcome, TOOK);

        assertThat(count("millrace.failed.invoke.event.count")).isEqualTo(2);
    }

    @Test
    void countsNeitherSuccessesNorThrottlesAsFailed() {
        metrics.invoked(invoke(1), "request", new InvocationOutcome.Succeeded(Payload.EMPTY), TOOK);
        metrics.invoked(invoke(1), "request", new InvocationOutcome.Throttled("limit", Duration.ZERO), TOOK);

        assertThat(count("millrace.failed.invoke.event.count")).isZero();
    }

    @Test
    void countsAsDeletedWhatTheQueueConfirmed() {
        metrics.turn(new QueueEvent.Deleted(1, 2, Map.of("a", new EntryFailure("InternalError", false))), List.of());
        metrics.turn(new QueueEvent.DeleteFailed(2, new SourceProblem(Kind.THROTTLED, "slow")), List.of());
        assertThat(count("millrace.deleted.event.count"))
                .as("one of two, none of two")
                .isEqualTo(1);
        assertThat(registry.get("millrace.source.errors")
                        .tag("kind", "throttled")
                        .counter()
                        .count())
                .isEqualTo(1);

        metrics.turn(new QueueEvent.Deleted(3, 2, Map.of()), List.of());
        assertThat(count("millrace.deleted.event.count")).isEqualTo(3);
    }

    @Test
    void carriesTheUuidAsAwsDoes() {
        assertThat(registry.get("millrace.polled.event.count")
                        .tag("event_source_mapping_uuid", mapping().uuid().toString())
                        .tag("event_source", "orders")
                        .tag("function", "orders-fn:prod")
                        .counter())
                .isNotNull();
    }

    /** In place of AWS's ProvisionedPollers. */
    @Test
    void showsLongPollsAndTheConcurrencyLimit() {
        QueueGauges gauges = new QueueGauges(mapping(), registry);
        assertThat(gauge("millrace.receives")).isNaN();

        gauges.update(
                new QueueSnapshot(
                        QueueSnapshot.Phase.RUNNING,
                        FunctionHealth.AVAILABLE,
                        30,
                        4,
                        0,
                        0,
                        0,
                        7,
                        0,
                        0,
                        0,
                        Duration.ofSeconds(30),
                        null),
                true);
        assertThat(gauge("millrace.receives")).isEqualTo(7);
        assertThat(gauge("millrace.concurrency.limit")).isEqualTo(30);
        assertThat(gauge("millrace.concurrent.invocations")).isEqualTo(4);
        assertThat(gauge("millrace.mapping.running")).isEqualTo(1);
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private static QueueCommand.Invoke invoke(int attempt) {
        return new QueueCommand.Invoke(1, attempt, List.of(message("a", true), message("b", true)));
    }

    private static QueueMessage message(String id, boolean matched) {
        return new QueueMessage(id, "h-" + id, null, 1, Payload.EMPTY, null, matched);
    }

    private static EventSourceMapping mapping() {
        return new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse("arn:aws:sqs:us-east-1:000000000000:orders").orElseThrow(),
                FunctionReference.parse("orders-fn:prod", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                10,
                Duration.ZERO,
                List.of(),
                true,
                QueueMembers.DEFAULT,
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
    }
}
