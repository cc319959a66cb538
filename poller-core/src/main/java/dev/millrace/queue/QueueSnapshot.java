package dev.millrace.queue;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A queue machine as operators see it.
 *
 * @param phase what the mapping is doing
 * @param health what the function's circuit breaker allows
 * @param concurrencyLimit batches that may be in flight
 * @param invoking batches with the function
 * @param backingOff batches that keep their slot and wait for the next attempt
 * @param waiting closed batches that wait for a slot or for their message group
 * @param collecting messages in the open batch
 * @param receives long polls in flight
 * @param deleting messages on their way out
 * @param heldMessages messages received and not yet settled
 * @param heldBytes their serialised size
 * @param visibilityTimeout of the queue; null until it has been described
 * @param problem why the queue cannot be read; null when it can
 */
public record QueueSnapshot(
        Phase phase,
        FunctionHealth health,
        int concurrencyLimit,
        int invoking,
        int backingOff,
        int waiting,
        int collecting,
        int receives,
        int deleting,
        int heldMessages,
        long heldBytes,
        @Nullable Duration visibilityTimeout,
        @Nullable SourceProblem problem) {

    /** What a queue mapping is doing. */
    public enum Phase {
        /** The queue has not been described yet. */
        STARTING,
        /** Refused: the function may run longer than the queue keeps a message invisible. */
        REFUSED,
        RUNNING,
        STOPPING,
        FINISHED
    }
}
