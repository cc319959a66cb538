package dev.millrace.daemon.observe;

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
import java.util.stream.Collectors;
import org.slf4j.event.Level;

/** One line per change of a queue mapping that an operator would want to read, with the batch where there is one. */
public final class QueueLog implements QueueObserver {

    /** Message ids named in one line; a batch of ten thousand must not become one line. */
    private static final int MOST_IDS = 10;

    private final MappingLog log;

    public QueueLog(EventSourceMapping mapping) {
        this.log = new MappingLog(mapping);
    }

    @Override
    public void turn(QueueEvent event, List<QueueCommand> commands) {
        for (QueueCommand command : commands) {
            if (command instanceof QueueCommand.Report(var notice)) {
                report(notice);
            }
        }
        if (event instanceof QueueEvent.FunctionHealthChanged(var health)) {
            log.line(Level.DEBUG, line -> line.addKeyValue("health", health).log("function health"));
        }
    }

    private void report(QueueNotice notice) {
        switch (notice) {
            case QueueNotice.LetGo letGo -> letGo(letGo);
            case QueueNotice.NotDeleted(var messages, var detail) ->
                log.line(
                        Level.WARN,
                        line -> line.addKeyValue("messages", messages.size())
                                .addKeyValue("ids", ids(messages))
                                .addKeyValue("detail", detail)
                                .log("processed messages could not be deleted; they will be delivered again"));
            case QueueNotice.DeliveredTwice(var message) ->
                log.line(
                        Level.WARN,
                        line -> line.addKeyValue("id", message.messageId())
                                .addKeyValue("receiveCount", message.receiveCount())
                                .log("the queue delivered a message again that is still being processed;"
                                        + " raise the queue's visibility timeout or switch Millrace.Heartbeat on"));
            case QueueNotice.VisibilityNotChanged(var messages, var detail) ->
                log.line(
                        Level.WARN,
                        line -> line.addKeyValue("ids", ids(messages))
                                .addKeyValue("detail", detail)
                                .log("visibility timeouts could not be changed"));
            case QueueNotice.SourceTrouble(var problem, var retryIn) -> log.sourceTrouble(problem, retryIn);
            case QueueNotice.SourceRecovered _ -> log.line(Level.INFO, line -> line.log("the queue works again"));
            case QueueNotice.WindowExceedsVisibility(var problem) -> log.line(Level.WARN, line -> line.log(problem));
            case QueueNotice.TimeoutExceedsVisibility(var visibility, var timeout, var refused) ->
                log.line(
                        refused ? Level.ERROR : Level.WARN,
                        line -> line.addKeyValue("started", !refused)
                                .log(MappingRules.visibilityTimeoutTooShort(visibility, timeout)
                                                .map(MappingProblem::message)
                                                .orElse("")
                                        + "; raise the queue's VisibilityTimeout, lower the function's Timeout, or"
                                        + " switch Millrace.Heartbeat on"));
        }
    }

    private void letGo(QueueNotice.LetGo letGo) {
        Level level = switch (letGo.reason()) {
            case TOO_LARGE -> Level.ERROR;
            case FUNCTION_ERROR, VISIBILITY_NEARLY_USED_UP -> Level.WARN;
            case REPORTED_BY_FUNCTION, MESSAGE_GROUP_HELD_BACK, STOPPED -> Level.INFO;
        };
        log.line(
                level,
                line -> line.addKeyValue("batch", letGo.batch())
                        .addKeyValue("messages", letGo.messages().size())
                        .addKeyValue("reason", letGo.reason())
                        .addKeyValue("detail", MappingLog.excerpt(letGo.detail()))
                        .addKeyValue("ids", ids(letGo.messages()))
                        .log("messages stay in the queue and will be delivered again"));
    }

    @Override
    public void invoked(QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration) {
        log.invocationEnded(
                invoke.attempt(),
                outcome,
                duration,
                line -> line.addKeyValue("batch", invoke.batch())
                        .addKeyValue("messages", invoke.messages().size())
                        .addKeyValue("requestId", requestId));
    }

    @Override
    public void crashed(Throwable defect, Duration restartIn) {
        log.line(
                Level.ERROR,
                line -> line.addKeyValue("restartInMs", restartIn.toMillis())
                        .setCause(defect)
                        .log("a defect stopped this mapping; it starts again, and what it held is delivered again"));
    }

    /** Starting and stopping, told by the daemon. */
    public void lifecycle(String what) {
        log.line(Level.INFO, line -> line.log(what));
    }

    private static String ids(List<QueueMessage> messages) {
        String some =
                messages.stream().limit(MOST_IDS).map(QueueMessage::messageId).collect(Collectors.joining(","));
        return messages.size() > MOST_IDS ? some + ",... (" + messages.size() + ")" : some;
    }
}
