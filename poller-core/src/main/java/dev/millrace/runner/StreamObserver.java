package dev.millrace.runner;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees everything that passes through the runners of a stream mapping: the one place where logs and metrics hang. Must not
 * block. Calls come from many threads.
 */
public interface StreamObserver {

    /** A shard begins to be processed. */
    void shardStarted(String shardId, ShardProgress from);

    /** A shard is processed no longer, and why. */
    void shardEnded(String shardId, ShardCommand.End end);

    /** After each turn of a shard's machine; one turn at a time for each shard. */
    void turn(String shardId, ShardEvent event, List<ShardCommand> commands);

    /** When an invocation has ended, on the invocation's thread, before the machine hears of it. */
    void invoked(
            String shardId, ShardCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration);

    /**
     * When a shard's runner died of a defect, or the coordination of all shards (shardId is null); it starts again from what
     * is stored after the pause.
     */
    void crashed(@Nullable String shardId, Throwable defect, Duration restartIn);

    /**
     * The stream's shards cannot be listed, or the stream cannot be described; it is tried again after the pause. Reported
     * each time.
     */
    void streamTrouble(SourceProblem problem, Duration retryIn);

    /** The store cannot be used by the mapping itself; it is tried again after the pause. Reported each time. */
    void storeTrouble(String message, Duration retryIn);

    /** Records of a shard are lost that is not processed any more, since the source has forgotten its stream. */
    void gap(String shardId, ShardNotice.Gap gap);

    /** Something that decided which records are processed, for the log and the audit. */
    void noted(String action, String detail);
}
