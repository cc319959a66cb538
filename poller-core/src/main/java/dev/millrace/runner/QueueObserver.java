package dev.millrace.runner;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import java.time.Duration;
import java.util.List;

/**
 * Sees everything that passes through a queue runner: the one place where logs and metrics hang. Must not block. Calls
 * come from many threads.
 */
public interface QueueObserver {

    /** After each turn of the machine; one turn at a time. */
    void turn(QueueEvent event, List<QueueCommand> commands);

    /** When an invocation has ended, on the invocation's thread, before the machine hears of it. */
    void invoked(QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration);

    /** When the runner died of a defect; it starts again with a new machine after the pause. */
    void crashed(Throwable defect, Duration restartIn);
}
