package dev.millrace.queue;

import dev.millrace.invoke.Payload;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Messages for the tests of this package. Their JSON is as long as their id. */
final class Messages {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final Duration VISIBILITY = Duration.ofSeconds(30);

    private Messages() {}

    static QueueMessage message(String id) {
        return message(id, null, 1);
    }

    static QueueMessage message(String id, @Nullable String group, int receiveCount) {
        return new QueueMessage(id, "handle-" + id, group, receiveCount, Payload.ofText(id), null, true);
    }

    static QueueMessage withHandle(String id, String handle) {
        return new QueueMessage(id, handle, null, 1, Payload.ofText(id), null, true);
    }

    static HeldMessage held(String id) {
        return held(id, null);
    }

    static HeldMessage held(String id, @Nullable String group) {
        return new HeldMessage(message(id, group, 1), START, VISIBILITY);
    }

    static HeldBatch batch(long number, HeldMessage... messages) {
        return new HeldBatch(number, List.of(messages), START);
    }

    static List<String> ids(List<QueueMessage> messages) {
        return messages.stream().map(QueueMessage::messageId).toList();
    }

    static List<String> heldIds(List<HeldMessage> messages) {
        return messages.stream().map(HeldMessage::id).toList();
    }

    static List<String> changedIds(List<VisibilityChange> changes) {
        return changes.stream().map(change -> change.message().messageId()).toList();
    }

    static QueueMessage[] numbered(int count) {
        return Stream.iterate(1, number -> number + 1)
                .limit(count)
                .map(number -> message("m" + number))
                .toArray(QueueMessage[]::new);
    }
}
