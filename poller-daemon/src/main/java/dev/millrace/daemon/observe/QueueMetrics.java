package dev.millrace.daemon.observe;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueueNotice;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.runner.QueueObserver;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.SourceProblem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The counters of one queue mapping: AWS's event source mapping metrics with their exact meanings (spec 8.1), and our own
 * beside them. See docs/metrics.md.
 */
public final class QueueMetrics implements QueueObserver {

    /** Upper bounds of the invocation duration's buckets: from a local function to Lambda's longest timeout. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
        Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofMillis(2_500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30),
        Duration.ofSeconds(60), Duration.ofSeconds(300), Duration.ofSeconds(900)
    };

    private enum Ending {
        SUCCESS,
        PARTIAL_FAILURE,
        FUNCTION_ERROR,
        THROTTLED,
        UNAVAILABLE,
        TOO_LARGE
    }

    private final Counter polled;
    private final Counter emptyReceives;
    private final Counter filteredOut;
    private final Counter invoked;
    private final Counter failedInvoke;
    private final Counter deleted;
    private final Counter notDeleted;
    private final Counter deliveredTwice;
    private final Counter crashes;
    private final Map<Reason, Counter> letGo = new EnumMap<>(Reason.class);
    private final Map<SourceProblem.Kind, Counter> sourceErrors = new EnumMap<>(SourceProblem.Kind.class);
    private final Map<Ending, Timer> invocations = new EnumMap<>(Ending.class);

    public QueueMetrics(EventSourceMapping mapping, MeterRegistry registry) {
        Tags tags = MappingTags.of(mapping);
        polled = registry.counter("millrace.polled.event.count", tags);
        emptyReceives = registry.counter("millrace.empty.receives", tags);
        filteredOut = registry.counter("millrace.filtered.out.event.count", tags);
        invoked = registry.counter("millrace.invoked.event.count", tags);
        failedInvoke = registry.counter("millrace.failed.invoke.event.count", tags);
        deleted = registry.counter("millrace.deleted.event.count", tags);
        notDeleted = registry.counter("millrace.not.deleted.event.count", tags);
        deliveredTwice = registry.counter("millrace.delivered.twice.event.count", tags);
        crashes = registry.counter("millrace.mapping.crashes", tags);
        for (Reason reason : Reason.values()) {
            letGo.put(reason, registry.counter("millrace.let.go.event.count", tags.and("reason", spelt(reason))));
        }
        for (SourceProblem.Kind kind : SourceProblem.Kind.values()) {
            sourceErrors.put(kind, registry.counter("millrace.source.errors", tags.and("kind", spelt(kind))));
        }
        for (Ending ending : Ending.values()) {
            invocations.put(
                    ending,
                    Timer.builder("millrace.invocation.duration")
                            .tags(tags.and("outcome", spelt(ending)))
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry));
        }
    }

    private static String spelt(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void turn(QueueEvent event, List<QueueCommand> commands) {
        switch (event) {
            case QueueEvent.Received(var _, var messages, var _) -> received(messages);
            case QueueEvent.ReceiveFailed(var _, var problem) -> failed(problem);
            case QueueEvent.DescribeFailed(var problem) -> failed(problem);
            case QueueEvent.Deleted(var _, var messages, var failures) ->
                deleted.increment((double) messages - failures.size());
            case QueueEvent.DeleteFailed(var _, var problem) -> failed(problem);
            case QueueEvent.VisibilityChangeFailed(var _, var problem) -> failed(problem);
            case QueueEvent.Tick _,
                    QueueEvent.Described _,
                    QueueEvent.Invoked _,
                    QueueEvent.VisibilityChanged _,
                    QueueEvent.FunctionHealthChanged _,
                    QueueEvent.StopRequested _ -> {}
        }
        for (QueueCommand command : commands) {
            switch (command) {
                case QueueCommand.Invoke invoke ->
                    invoked.increment(invoke.messages().size());
                case QueueCommand.Report(var notice) -> report(notice);
                case QueueCommand.Describe _,
                        QueueCommand.Receive _,
                        QueueCommand.Delete _,
                        QueueCommand.ChangeVisibility _,
                        QueueCommand.CancelInvocations _,
                        QueueCommand.Finish _ -> {}
            }
        }
    }

    private void received(List<QueueMessage> messages) {
        polled.increment(messages.size());
        if (messages.isEmpty()) {
            emptyReceives.increment();
        }
        int unmatched = 0;
        for (QueueMessage message : messages) {
            unmatched += message.matched() ? 0 : 1;
        }
        if (unmatched > 0) {
            filteredOut.increment(unmatched);
        }
    }

    private void failed(SourceProblem problem) {
        meter(sourceErrors, problem.kind()).increment();
    }

    private void report(QueueNotice notice) {
        switch (notice) {
            case QueueNotice.LetGo(var _, var messages, var reason, var _) ->
                meter(letGo, reason).increment(messages.size());
            case QueueNotice.NotDeleted(var messages, var _) -> notDeleted.increment(messages.size());
            case QueueNotice.DeliveredTwice _ -> deliveredTwice.increment();
            case QueueNotice.VisibilityNotChanged _,
                    QueueNotice.SourceTrouble _,
                    QueueNotice.SourceRecovered _,
                    QueueNotice.TimeoutExceedsVisibility _,
                    QueueNotice.WindowExceedsVisibility _ -> {}
        }
    }

    @Override
    public void invoked(QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration) {
        Ending ending = ending(outcome);
        meter(invocations, ending).record(duration);
        // With partial responses every record of the invocation counts, also those that succeeded (spec 8.1).
        if (ending != Ending.SUCCESS && ending != Ending.THROTTLED) {
            failedInvoke.increment(invoke.messages().size());
        }
    }

    private static Ending ending(InvocationOutcome outcome) {
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> Ending.SUCCESS;
            case InvocationOutcome.BatchItemFailures _ -> Ending.PARTIAL_FAILURE;
            // The glossary's word for both.
            case InvocationOutcome.MalformedAnswer _, InvocationOutcome.FunctionError _ -> Ending.FUNCTION_ERROR;
            case InvocationOutcome.Throttled _ -> Ending.THROTTLED;
            case InvocationOutcome.Unavailable _ -> Ending.UNAVAILABLE;
            case InvocationOutcome.TooLarge _ -> Ending.TOO_LARGE;
        };
    }

    @Override
    public void crashed(Throwable defect, Duration restartIn) {
        crashes.increment();
    }

    private static <K, M> M meter(Map<K, M> meters, K key) {
        return Objects.requireNonNull(meters.get(key), () -> "no meter for " + key);
    }
}
