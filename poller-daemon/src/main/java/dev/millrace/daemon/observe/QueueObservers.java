package dev.millrace.daemon.observe;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.runner.QueueObserver;
import java.time.Duration;
import java.util.List;

/**
 * Several observers of a queue mapping as one, in order.
 *
 * @param all told one after the other
 */
public record QueueObservers(List<QueueObserver> all) implements QueueObserver {

    public QueueObservers {
        all = List.copyOf(all);
    }

    @Override
    public void turn(QueueEvent event, List<QueueCommand> commands) {
        all.forEach(observer -> observer.turn(event, commands));
    }

    @Override
    public void invoked(QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration) {
        all.forEach(observer -> observer.invoked(invoke, requestId, outcome, duration));
    }

    @Override
    public void crashed(Throwable defect, Duration restartIn) {
        all.forEach(observer -> observer.crashed(defect, restartIn));
    }
}
