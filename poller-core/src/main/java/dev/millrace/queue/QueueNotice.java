package dev.millrace.queue;

import dev.millrace.source.QueueMessage;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.util.List;

/** A fact that operators want to see, beyond what events and commands tell by themselves. */
public sealed interface QueueNotice {

    /** These messages will be delivered again by the queue: they were neither deleted nor are they held any longer. */
    record LetGo(long batch, List<QueueMessage> messages, Reason reason, String detail) implements QueueNotice {
        public LetGo {
            messages = List.copyOf(messages);
        }
    }

    /** Why messages were let go. */
    enum Reason {
        /** The function failed with the whole batch. */
        FUNCTION_ERROR,
        /** The function's answer names them in batchItemFailures. */
        REPORTED_BY_FUNCTION,
        /** Throttled, unreachable or waiting until the visibility timeout was nearly used up. */
        VISIBILITY_NEARLY_USED_UP,
        /** An earlier message of their message group failed. */
        MESSAGE_GROUP_HELD_BACK,
        /** A single message larger than an invocation can carry. */
        TOO_LARGE,
        /** The mapping stops. */
        STOPPED
    }

    /** Messages were processed but could not be deleted; the queue will deliver them again. */
    record NotDeleted(List<QueueMessage> messages, String detail) implements QueueNotice {
        public NotDeleted {
            messages = List.copyOf(messages);
        }
    }

    /** A message came back from the queue while it is still being processed: its visibility timeout is too short. */
    record DeliveredTwice(QueueMessage message) implements QueueNotice {}

    /** A visibility change did not happen. */
    record VisibilityNotChanged(List<QueueMessage> messages, String detail) implements QueueNotice {
        public VisibilityNotChanged {
            messages = List.copyOf(messages);
        }
    }

    /**
     * The queue cannot be read; it is tried again after {@code retryIn}. Reported when trouble of a kind begins, and once a
     * minute while it goes on.
     */
    record SourceTrouble(SourceProblem problem, Duration retryIn) implements QueueNotice {}

    /** The queue can be read again. */
    record SourceRecovered() implements QueueNotice {}

    /**
     * The function may run longer than the queue keeps a message invisible (spec 1.2 rule 3).
     *
     * @param refused the mapping does not start until this is mended; false when the queue was changed while it ran
     */
    record TimeoutExceedsVisibility(Duration visibilityTimeout, Duration functionTimeout, boolean refused)
            implements QueueNotice {}

    /** The batching window uses up visibility that the function needs; {@code problem} says what to do (spec 1.2.3). */
    record WindowExceedsVisibility(String problem) implements QueueNotice {}
}
