package dev.millrace.queue;

import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.util.List;

/** What a {@link QueueMachine} wants done. Each call is answered by exactly one event with the same number. */
public sealed interface QueueCommand {

    record Describe() implements QueueCommand {}

    record Receive(long call, int maximum, Duration waitTime) implements QueueCommand {}

    /**
     * Invoke the function with these messages.
     *
     * @param batch number of the batch; the same over its attempts
     * @param attempt from 1
     */
    record Invoke(long batch, int attempt, List<QueueMessage> messages) implements QueueCommand {
        public Invoke {
            messages = List.copyOf(messages);
        }
    }

    /** Delete at most ten messages in one call. */
    record Delete(long call, List<QueueMessage> messages) implements QueueCommand {
        public Delete {
            messages = List.copyOf(messages);
        }
    }

    /** Change the visibility of at most ten messages in one call. */
    record ChangeVisibility(long call, List<VisibilityChange> changes) implements QueueCommand {
        public ChangeVisibility {
            changes = List.copyOf(changes);
        }
    }

    /** Interrupt all invocations in flight; their outcome no longer matters and is not told. */
    record CancelInvocations() implements QueueCommand {}

    /** Tell people: log it, count it. */
    record Report(QueueNotice notice) implements QueueCommand {}

    /** The machine has ended; nothing follows. */
    record Finish() implements QueueCommand {}
}
