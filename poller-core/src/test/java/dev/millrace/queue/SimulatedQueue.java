package dev.millrace.queue;

import dev.millrace.invoke.Payload;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** SQS on virtual time: visibility timeouts, receive counts, message groups and a dead-letter queue. */
final class SimulatedQueue {

    /** One message with what the queue knows of it. */
    static final class Stored {
        final String id;
        final @Nullable String group;
        int order;
        final Payload json;
        final boolean matched;
        Instant visibleAt = Instant.MIN;
        Instant firstReceivedAt = Instant.MAX;
        String handle = "";
        int receiveCount;
        boolean deadLettered;

        Stored(String id, @Nullable String group, Payload json, boolean matched) {
            this.id = id;
            this.group = group;
            this.json = json;
            this.matched = matched;
        }
    }

    private final boolean fifo;
    private final Duration visibilityTimeout;
    private final int maxReceiveCount;
    private final RandomGenerator random;
    private final Map<String, Stored> stored = new LinkedHashMap<>();
    private final Map<String, Stored> everything = new HashMap<>();
    private int handles;

    SimulatedQueue(boolean fifo, Duration visibilityTimeout, int maxReceiveCount, RandomGenerator random) {
        this.fifo = fifo;
        this.visibilityTimeout = visibilityTimeout;
        this.maxReceiveCount = maxReceiveCount;
        this.random = random;
    }

    void send(Stored message) {
        message.order = everything.size();
        stored.put(message.id, message);
        everything.put(message.id, message);
    }

    Stored message(String id) {
        return java.util.Objects.requireNonNull(everything.get(id), id);
    }

    boolean knows(String id) {
        return everything.containsKey(id);
    }

    boolean holds(String id) {
        return stored.containsKey(id);
    }

    Collection<Stored> left() {
        return stored.values();
    }

    List<QueueMessage> receive(int maximum, Instant now) {
        List<Stored> candidates = visible(now);
        if (!fifo) {
            Collections.shuffle(candidates, new java.util.Random(random.nextLong()));
        }
        List<QueueMessage> received = new ArrayList<>();
        for (Stored message : candidates) {
            if (message.receiveCount >= maxReceiveCount) {
                message.deadLettered = true;
                stored.remove(message.id);
            } else if (received.size() < maximum) {
                message.receiveCount++;
                message.visibleAt = now.plus(visibilityTimeout);
                message.firstReceivedAt = now;
                message.handle = "h" + ++handles;
                received.add(new QueueMessage(
                        message.id,
                        message.handle,
                        message.group,
                        message.receiveCount,
                        delivered(message),
                        null,
                        message.matched));
            }
        }
        return received;
    }

    /** The event's record tells receive count, times and handle, so the same message may come back larger. */
    private static Payload delivered(Stored message) {
        int more = Math.min(message.receiveCount - 1, 20);
        byte[] bytes = message.json.bytes();
        return more == 0 ? message.json : Payload.of(Arrays.copyOf(bytes, bytes.length + more));
    }

    /** Messages that may be received: visible, and in a FIFO queue of a group with nothing in flight. */
    private List<Stored> visible(Instant now) {
        List<Stored> visible = new ArrayList<>();
        Set<String> locked = new HashSet<>();
        for (Stored message : stored.values()) {
            if (!message.visibleAt.isAfter(now)) {
                visible.add(message);
            } else if (message.group != null) {
                locked.add(message.group);
            }
        }
        visible.removeIf(message -> locked.contains(message.group));
        return visible;
    }

    boolean hasVisible(Instant now) {
        return !visible(now).isEmpty();
    }

    /** Deletes by the newest handle; a stale one is refused, as ElasticMQ and FIFO queues do. */
    Map<String, EntryFailure> delete(List<QueueMessage> messages, List<String> deleted) {
        Map<String, EntryFailure> failures = new HashMap<>();
        for (QueueMessage message : messages) {
            Stored known = stored.get(message.messageId());
            if (known != null && !known.handle.equals(message.receiptHandle())) {
                failures.put(message.messageId(), new EntryFailure("ReceiptHandleIsInvalid", true));
            } else if (known != null) {
                stored.remove(known.id);
                deleted.add(known.id);
            }
        }
        return failures;
    }

    Map<String, EntryFailure> changeVisibility(List<VisibilityChange> changes, Instant now) {
        Map<String, EntryFailure> failures = new HashMap<>();
        for (VisibilityChange change : changes) {
            Stored known = stored.get(change.message().messageId());
            if (known == null || !known.handle.equals(change.message().receiptHandle())) {
                failures.put(change.message().messageId(), new EntryFailure("ReceiptHandleIsInvalid", true));
            } else {
                known.visibleAt = now.plus(change.timeout());
            }
        }
        return failures;
    }

    /** Messages of the group that come before this one and are still in the queue. */
    List<Stored> earlierOfGroup(Stored message) {
        return stored.values().stream()
                .filter(other ->
                        message.group != null && message.group.equals(other.group) && other.order < message.order)
                .toList();
    }
}
