package dev.millrace.runner;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Keeps what a poller tells its observer. */
final class RecordedNotes implements StreamObserver {
    final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    final BlockingQueue<String> notes = new LinkedBlockingQueue<>();
    final BlockingQueue<String> gaps = new LinkedBlockingQueue<>();
    final BlockingQueue<String> crashes = new LinkedBlockingQueue<>();
    final BlockingQueue<String> troubles = new LinkedBlockingQueue<>();

    @Override
    public void shardStarted(String shardId, ShardProgress from) {}

    @Override
    public void shardEnded(String shardId, ShardCommand.End end) {
        ended.add(shardId + " " + end);
    }

    @Override
    public void turn(String shardId, ShardEvent event, List<ShardCommand> commands) {
        for (ShardCommand command : commands) {
            if (command instanceof ShardCommand.Report(ShardNotice.Gap _)) {
                gaps.add(shardId);
            }
        }
    }

    @Override
    public void invoked(
            String shardId,
            ShardCommand.Invoke invoke,
            String requestId,
            InvocationOutcome outcome,
            Duration duration) {}

    @Override
    public void crashed(@Nullable String shardId, Throwable defect, Duration restartIn) {
        crashes.add(String.valueOf(shardId));
    }

    @Override
    public void streamTrouble(SourceProblem problem, Duration retryIn) {
        troubles.add(problem.message());
    }

    @Override
    public void storeTrouble(String message, Duration retryIn) {
        troubles.add(message);
    }

    @Override
    public void gap(String shardId, ShardNotice.Gap gap) {
        gaps.add(shardId);
    }

    @Override
    public void noted(String action, String detail) {
        notes.add(action + ": " + detail);
    }
}
