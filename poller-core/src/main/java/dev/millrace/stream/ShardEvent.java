package dev.millrace.stream;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happened, as told to a {@link ShardMachine}. Call numbers are those of the commands. */
public sealed interface ShardEvent {

    /** The first event, and any time nothing else happened until {@link ShardMachine#nextWakeup()}. */
    record Tick() implements ShardEvent {}

    record Read(long call, ShardRead read) implements ShardEvent {}

    record ReadFailed(long call, SourceProblem problem) implements ShardEvent {}

    /**
     * An invocation ended; the function's answer has been read.
     *
     * @param requestId of this invocation
     * @param executedVersion of the function
     * @param state what the answer has as the tumbling window's state; null when it has none or none was asked for
     */
    record Invoked(
            long batch,
            InvocationOutcome outcome,
            String requestId,
            String executedVersion,
            @Nullable Payload state) implements ShardEvent {}

    record Delivered(long discard) implements ShardEvent {}

    /**
     * A destination did not take a discard.
     *
     * @param permanent trying it again cannot help
     * @param message for people
     */
    record DeliveryFailed(long discard, boolean permanent, String message) implements ShardEvent {}

    record Saved(long call) implements ShardEvent {}

    record SaveFailed(long call, String message) implements ShardEvent {}

    record FunctionHealthChanged(FunctionHealth health) implements ShardEvent {}

    /**
     * What holds for every shard of the stream has changed.
     *
     * @param retention how long the stream keeps a record; null while that is not known
     * @param maximumBytes this shard's share of the bytes that may be held
     */
    record ConditionsChanged(@Nullable Duration retention, long maximumBytes) implements ShardEvent {}

    /** The source does not list the shard any more. When it cannot be read either, what was read is all that will come. */
    record ShardGone() implements ShardEvent {}

    /** Another node processes the shard. */
    record LeaseLost() implements ShardEvent {}

    /** Stop reading, finish what is in flight until the deadline, then end. */
    record StopRequested(Instant deadline) implements ShardEvent {}
}
