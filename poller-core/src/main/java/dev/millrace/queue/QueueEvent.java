package dev.millrace.queue;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What happened, as told to a {@link QueueMachine}. Call numbers are those of the commands. */
public sealed interface QueueEvent {

    /** The first event, and any time nothing else happened until {@link QueueMachine#nextWakeup()}. */
    record Tick() implements QueueEvent {}

    record Described(QueueAttributes attributes) implements QueueEvent {}

    record DescribeFailed(SourceProblem problem) implements QueueEvent {}

    /**
     * A long poll ended.
     *
     * @param at when the answer arrived; the messages' visibility timeout counts from here
     */
    record Received(long call, List<QueueMessage> messages, Instant at) implements QueueEvent {}

    record ReceiveFailed(long call, SourceProblem problem) implements QueueEvent {}

    /** An invocation ended; the function's answer has been read. */
    record Invoked(long batch, InvocationOutcome outcome) implements QueueEvent {}

    /**
     * A delete call ended.
     *
     * @param messages how many the call was to delete
     * @param failures by message id; the others are deleted
     */
    record Deleted(long call, int messages, Map<String, EntryFailure> failures) implements QueueEvent {}

    record DeleteFailed(long call, SourceProblem problem) implements QueueEvent {}

    /** A visibility call ended; {@code failures} by message id. */
    record VisibilityChanged(long call, Map<String, EntryFailure> failures) implements QueueEvent {}

    record VisibilityChangeFailed(long call, SourceProblem problem) implements QueueEvent {}

    record FunctionHealthChanged(FunctionHealth health) implements QueueEvent {}

    /** Stop receiving, finish what is in flight until the deadline, then end. */
    record StopRequested(Instant deadline) implements QueueEvent {}
}
