package dev.millrace.daemon.observe;

import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.MappingProblem;
import dev.millrace.mapping.MappingRules;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueueNotice;
import dev.millrace.runner.QueueObserver;
import dev.millrace.source.QueueMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line per change that an operator would want to read, with mapping, source and function in the context of every line
 * and the batch where there is one. Message texts are constant; facts are key-value pairs.
 */
public final class QueueLog implements QueueObserver {

    private static final Logger LOG = LoggerFactory.getLogger("dev.millrace.mapping");
    /** Message ids named in one line; a batch of ten thousand must not become one line. */
    private static final int MOST_IDS = 10;
    /** Characters of a function's error text in one line. */
    private static final int MOST_TEXT = 500;

    private final Map<String, String> context;

    public QueueLog(EventSourceMapping mapping) {
        this.context = Map.of(
                "mapping", mapping.uuid().toString(),
                "source", mapping.eventSourceArn().resource(),
                "function", mapping.function().toString());
    }

    @Override
    public void turn(QueueEvent event, List<QueueCommand> commands) {
        for (QueueCommand command : commands) {
            if (command instanceof QueueCommand.Report(var notice)) {
                inContext(() -> report(notice));
            }
        }
        if (event instanceof QueueEvent.FunctionHealthChanged(var health) && LOG.isDebugEnabled()) {
            inContext(() -> line(Level.DEBUG).addKeyValue("health", health).log("function health"));
        }
    }

    private static void report(QueueNotice notice) {
        switch (notice) {
            case QueueNotice.LetGo letGo -> letGo(letGo);
            case QueueNotice.NotDeleted(var messages, var detail) ->
                line(Level.WARN)
                        .addKeyValue("messages", messages.size())
                        .addKeyValue("ids", ids(messages))
                        .addKeyValue("detail", detail)
                        .log("processed messages could not be deleted; they will be delivered again");
            case QueueNotice.DeliveredTwice(var message) ->
                line(Level.WARN)
                        .addKeyValue("id", message.messageId())
                        .addKeyValue("receiveCount", message.receiveCount())
                        .log("the queue delivered a message again that is still being processed;"
                                + " raise the queue's visibility timeout or switch Millrace.Heartbeat on");
            case QueueNotice.VisibilityNotChanged(var messages, var detail) ->
                line(Level.WARN)
                        .addKeyValue("ids", ids(messages))
                        .addKeyValue("detail", detail)
                        .log("visibility timeouts could not be changed");
            case QueueNotice.SourceTrouble(var problem, var retryIn) ->
                line(Level.WARN)
                        .addKeyValue("kind", problem.kind())
                        .addKeyValue("retryInMs", retryIn.toMillis())
                        .log(problem.message());
            case QueueNotice.SourceRecovered _ -> line(Level.INFO).log("the queue works again");
            case QueueNotice.WindowExceedsVisibility(var problem) ->
                line(Level.WARN).log(problem);
            case QueueNotice.TimeoutExceedsVisibility(var visibility, var timeout, var refused) ->
                line(refused ? Level.ERROR : Level.WARN)
                        .addKeyValue("started", !refused)
                        .log(MappingRules.visibilityTimeoutTooShort(visibility, timeout)
                                        .map(MappingProblem::message)
                                        .orElse("")
                                + "; raise the queue's VisibilityTimeout, lower the function's Timeout, or switch"
                                + " Millrace.Heartbeat on");
        }
    }

    private static void letGo(QueueNotice.LetGo letGo) {
        Level level = switch (letGo.reason()) {
            case TOO_LARGE -> Level.ERROR;
            case FUNCTION_ERROR, VISIBILITY_NEARLY_USED_UP -> Level.WARN;
            case REPORTED_BY_FUNCTION, MESSAGE_GROUP_HELD_BACK, STOPPED -> Level.INFO;
        };
        line(level)
                .addKeyValue("batch", letGo.batch())
                .addKeyValue("messages", letGo.messages().size())
                .addKeyValue("reason", letGo.reason())
                .addKeyValue("detail", Excerpt.of(letGo.detail(), MOST_TEXT))
                .addKeyValue("ids", ids(letGo.messages()))
                .log("messages stay in the queue and will be delivered again");
    }

    @Override
    public void invoked(QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration) {
        Level level = switch (outcome) {
            case InvocationOutcome.Succeeded _ -> Level.DEBUG;
            case InvocationOutcome.BatchItemFailures _ -> Level.DEBUG;
            case InvocationOutcome.Throttled _ -> Level.DEBUG;
            case InvocationOutcome.MalformedAnswer _ -> Level.WARN;
            case InvocationOutcome.FunctionError _ -> Level.WARN;
            case InvocationOutcome.Unavailable _ -> invoke.attempt() == 1 ? Level.WARN : Level.DEBUG;
            case InvocationOutcome.TooLarge _ -> Level.WARN;
        };
        if (!LOG.isEnabledForLevel(level)) {
            return;
        }
        inContext(() -> line(level)
                .addKeyValue("batch", invoke.batch())
                .addKeyValue("attempt", invoke.attempt())
                .addKeyValue("messages", invoke.messages().size())
                .addKeyValue("requestId", requestId)
                .addKeyValue("ms", duration.toMillis())
                .addKeyValue("outcome", outcome.getClass().getSimpleName())
                .addKeyValue("detail", Excerpt.of(outcome.detail(), MOST_TEXT))
                .log("invocation ended"));
    }

    @Override
    public void crashed(Throwable defect, Duration restartIn) {
        inContext(() -> line(Level.ERROR)
                .addKeyValue("restartInMs", restartIn.toMillis())
                .setCause(defect)
                .log("a defect stopped this mapping; it starts again, and what it held is delivered again"));
    }

    /** Starting and stopping, told by the daemon. */
    public void lifecycle(String what) {
        inContext(() -> line(Level.INFO).log(what));
    }

    private void inContext(Runnable logging) {
        context.forEach(MDC::put);
        try {
            logging.run();
        } finally {
            context.keySet().forEach(MDC::remove);
        }
    }

    private static LoggingEventBuilder line(Level level) {
        return LOG.atLevel(level);
    }

    private static String ids(List<QueueMessage> messages) {
        String some =
                messages.stream().limit(MOST_IDS).map(QueueMessage::messageId).collect(Collectors.joining(","));
        return messages.size() > MOST_IDS ? some + ",... (" + messages.size() + ")" : some;
    }
}
