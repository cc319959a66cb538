package dev.millrace.queue;

import dev.millrace.source.QueueMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A closed batch from its closing until its messages are settled: waiting for a slot, invoking, or backing off. */
final class HeldBatch {

    private final long number;
    private final Instant closedAt;
    private List<HeldMessage> messages;
    private Set<String> groups;
    private int attempts;
    private @Nullable Instant retryAt;

    HeldBatch(long number, List<HeldMessage> messages, Instant closedAt) {
        this.number = number;
        this.closedAt = closedAt;
        this.messages = List.copyOf(messages);
        this.groups = groupsOf(messages);
    }

    long number() {
        return number;
    }

    Instant closedAt() {
        return closedAt;
    }

    List<HeldMessage> messages() {
        return messages;
    }

    List<QueueMessage> queueMessages() {
        return messages.stream().map(HeldMessage::message).toList();
    }

    int attempts() {
        return attempts;
    }

    void attempted() {
        attempts++;
        retryAt = null;
    }

    /** When a batch that backs off is tried again. */
    Instant retryAt() {
        return retryAt == null ? Instant.MIN : retryAt;
    }

    void retryAt(Instant instant) {
        retryAt = instant;
    }

    /** The message groups in this batch; empty for a standard queue. */
    Set<String> groups() {
        return groups;
    }

    private static Set<String> groupsOf(List<HeldMessage> messages) {
        Set<String> groups = new LinkedHashSet<>();
        for (HeldMessage held : messages) {
            String group = held.message().messageGroupId();
            if (group != null) {
                groups.add(group);
            }
        }
        return groups.isEmpty() ? Set.of() : groups;
    }

    /** When the first of its messages becomes visible again. */
    Instant firstVisibleAgainAt() {
        Instant first = Instant.MAX;
        for (HeldMessage held : messages) {
            if (held.visibleAgainAt().isBefore(first)) {
                first = held.visibleAgainAt();
            }
        }
        return first;
    }

    /** Takes out the messages for which this holds, and answers them in order. */
    List<HeldMessage> remove(Predicate<HeldMessage> leaving) {
        List<HeldMessage> removed = new ArrayList<>();
        List<HeldMessage> kept = new ArrayList<>();
        for (HeldMessage held : messages) {
            (leaving.test(held) ? removed : kept).add(held);
        }
        messages = List.copyOf(kept);
        groups = groupsOf(messages);
        return removed;
    }
}
