package dev.millrace.daemon.observe;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueueNotice;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.runner.QueueObserver;
import dev.millrace.source.QueueMessage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;

/**
 * The counters of one queue mapping: AWS's event source mapping metrics with their exact meanings (spec 8.1), and our own
 * beside them. See docs/metrics.md.
 */
public final class QueueMetrics implements QueueObserver {

    private final PollMeters poll;
    private final InvocationMeters invocations;
    private final Counter emptyReceives;
    private final Counter deleted;
    private final Counter notDeleted;
    private final Counter deliveredTwice;
    private final CountersBy<Reason> letGo;

    public QueueMetrics(EventSourceMapping mapping, MeterRegistry registry) {
        Tags tags = MappingTags.of(mapping);
        poll = new PollMeters(tags, registry);
        invocations = new InvocationMeters(tags, registry);
        emptyReceives = registry.counter("millrace.empty.receives", tags);
        deleted = registry.counter("millrace.deleted.event.count", tags);
        notDeleted = registry.counter("millrace.not.deleted.event.count", tags);
        deliveredTwice = registry.counter("millrace.delivered.twice.event.count", tags);
        letGo = new CountersBy<>(
                Reason.class, "reason", tags, labels -> registry.counter("millrace.let.go.event.count", labels));
    }

    @Override
    public void turn(QueueEvent event, List<QueueCommand> commands) {
        switch (event) {
            case QueueEvent.Received(var _, var messages, var _) -> received(messages);
            case QueueEvent.ReceiveFailed(var _, var problem) -> poll.failed(problem);
            case QueueEvent.DescribeFailed(var problem) -> poll.failed(problem);
            case QueueEvent.Deleted(var _, var messages, var failures) ->
                deleted.increment((double) messages - failures.size());
            case QueueEvent.DeleteFailed(var _, var problem) -> poll.failed(problem);
            case QueueEvent.VisibilityChangeFailed(var _, var problem) -> poll.failed(problem);
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
                    invocations.begun(invoke.messages().size());
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
        if (messages.isEmpty()) {
            emptyReceives.increment();
        }
        int unmatched = 0;
        for (QueueMessage message : messages) {
            unmatched += message.matched() ? 0 : 1;
        }
        poll.polled(messages.size(), unmatched);
    }

    private void report(QueueNotice notice) {
        switch (notice) {
            case QueueNotice.LetGo(var _, var messages, var reason, var _) -> letGo.increment(reason, messages.size());
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
        invocations.ended(invoke.messages().size(), outcome, duration);
    }

    @Override
    public void crashed(Throwable defect, Duration restartIn) {
        poll.crashed();
    }
}
