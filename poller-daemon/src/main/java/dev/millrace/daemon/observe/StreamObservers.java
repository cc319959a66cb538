package dev.millrace.daemon.observe;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.runner.StreamObserver;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several observers of a stream mapping as one, in order.
 *
 * @param all told one after the other
 */
public record StreamObservers(List<StreamObserver> all) implements StreamObserver {

    public StreamObservers {
        all = List.copyOf(all);
    }

    @Override
    public void shardStarted(String shardId, ShardProgress from) {
        all.forEach(observer -> observer.shardStarted(shardId, from));
    }

    @Override
    public void shardEnded(String shardId, ShardCommand.End end) {
        all.forEach(observer -> observer.shardEnded(shardId, end));
    }

    @Override
    public void turn(String shardId, ShardEvent event, List<ShardCommand> commands) {
        all.forEach(observer -> observer.turn(shardId, event, commands));
    }

    @Override
    public void invoked(
            String shardId,
            ShardCommand.Invoke invoke,
            String requestId,
            InvocationOutcome outcome,
            Duration duration) {
        all.forEach(observer -> observer.invoked(shardId, invoke, requestId, outcome, duration));
    }

    @Override
    public void crashed(@Nullable String shardId, Throwable defect, Duration restartIn) {
        all.forEach(observer -> observer.crashed(shardId, defect, restartIn));
    }

    @Override
    public void streamTrouble(SourceProblem problem, Duration retryIn) {
        all.forEach(observer -> observer.streamTrouble(problem, retryIn));
    }

    @Override
    public void storeTrouble(String message, Duration retryIn) {
        all.forEach(observer -> observer.storeTrouble(message, retryIn));
    }

    @Override
    public void gap(String shardId, ShardNotice.Gap gap) {
        all.forEach(observer -> observer.gap(shardId, gap));
    }

    @Override
    public void noted(String action, String detail) {
        all.forEach(observer -> observer.noted(action, detail));
    }
}
