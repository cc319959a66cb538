package dev.millrace.queue;

import dev.millrace.source.QueueMessage;
import java.time.Duration;
import java.time.Instant;

/** A message in the machine's hands, from its receive until it is deleted or let go. */
final class HeldMessage {

    private QueueMessage message;
    private Instant visibleAgainAt;
    private final Instant firstReceivedAt;

    HeldMessage(QueueMessage message, Instant receivedAt, Duration visibilityTimeout) {
        this.message = message;
        this.firstReceivedAt = receivedAt;
        this.visibleAgainAt = receivedAt.plus(visibilityTimeout);
    }

    QueueMessage message() {
        return message;
    }

    String id() {
        return message.messageId();
    }

    long bytes() {
        return message.json().size();
    }

    /** When the queue will deliver the message again. */
    Instant visibleAgainAt() {
        return visibleAgainAt;
    }

    Instant firstReceivedAt() {
        return firstReceivedAt;
    }

    void visibleAgainAt(Instant instant) {
        visibleAgainAt = instant;
    }

    /** The queue delivered the message again while it is held: only the newest receipt handle is sure to work. */
    void deliveredAgain(QueueMessage again, Instant receivedAt, Duration visibilityTimeout) {
        message = again;
        visibleAgainAt = receivedAt.plus(visibilityTimeout);
    }
}
