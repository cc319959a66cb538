package dev.millrace.queue;

import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes of visibility timeouts: all three are our own additions and off by default. The heartbeat extends messages
 * while the function runs, the backoff delays failed ones, the release makes unfinished ones visible at once.
 */
final class VisibilityCalls {

    private static final int MOST_ENTRIES = 10;
    /** A heartbeat extends by the queue's visibility timeout, but by at least this: a shorter beat is only load. */
    private static final Duration SHORTEST_EXTENSION = Duration.ofSeconds(10);
    /** After a heartbeat that failed, the next one comes after this share of the extension. */
    private static final int RETRY_SHARE = 8;

    /** A heartbeat that gains less is not worth a call; at the ceiling one would follow the other. */
    private static final Duration LEAST_GAIN = Duration.ofSeconds(1);

    private record Call(List<VisibilityChange> changes, Map<String, HeldMessage> extended, Instant sentAt) {}

    private final QueueOptions options;
    private final Map<Long, Call> inFlight = new HashMap<>();
    private final Set<HeldMessage> beingExtended = new HashSet<>();
    private final Map<HeldMessage, Instant> notBefore = new HashMap<>();

    VisibilityCalls(QueueOptions options) {
        this.options = options;
    }

    boolean isEmpty() {
        return inFlight.isEmpty();
    }

    /** The change that a failed message gets; empty when backoff is off. */
    Optional<VisibilityChange> backoff(QueueMessage message, int receiveCount) {
        return Optional.ofNullable(options.retryBackoff())
                .map(backoff -> new VisibilityChange(message, backoff.delay(receiveCount)));
    }

    /** Extensions due at this time for messages that are with the function. */
    List<VisibilityChange> heartbeats(
            Collection<HeldBatch> invoking, Duration visibilityTimeout, Instant now, List<HeldMessage> extending) {
        Heartbeat heartbeat = options.heartbeat();
        if (heartbeat == null) {
            return List.of();
        }
        List<VisibilityChange> changes = new ArrayList<>();
        for (HeldBatch batch : invoking) {
            for (HeldMessage held : batch.messages()) {
                Duration extension = extension(held, heartbeat, visibilityTimeout, now);
                if (!now.isBefore(due(held, visibilityTimeout)) && !extension.isZero()) {
                    changes.add(new VisibilityChange(held.message(), extension));
                    extending.add(held);
                }
            }
        }
        return changes;
    }

    private Duration extension(HeldMessage held, Heartbeat heartbeat, Duration visibilityTimeout, Instant now) {
        Instant ceiling = held.firstReceivedAt().plus(heartbeat.maximum());
        Instant wanted = now.plus(extension(visibilityTimeout));
        Instant until = wanted.isBefore(ceiling) ? wanted : ceiling;
        long seconds = Duration.between(now, until).toSeconds();
        boolean extends_ =
                !now.plusSeconds(seconds).isBefore(held.visibleAgainAt().plus(LEAST_GAIN));
        return extends_ && seconds > 0 && !beingExtended.contains(held) ? Duration.ofSeconds(seconds) : Duration.ZERO;
    }

    private static Duration extension(Duration visibilityTimeout) {
        return visibilityTimeout.compareTo(SHORTEST_EXTENSION) > 0 ? visibilityTimeout : SHORTEST_EXTENSION;
    }

    private Instant due(HeldMessage held, Duration visibilityTimeout) {
        Instant half = held.visibleAgainAt().minus(extension(visibilityTimeout).dividedBy(2));
        Instant later = notBefore.getOrDefault(held, Instant.MIN);
        return half.isAfter(later) ? half : later;
    }

    /** When the next heartbeat is due, or {@link Instant#MAX}. */
    Instant nextHeartbeat(Collection<HeldBatch> invoking, Duration visibilityTimeout, Instant now) {
        Heartbeat heartbeat = options.heartbeat();
        Instant next = Instant.MAX;
        if (heartbeat == null) {
            return next;
        }
        for (HeldBatch batch : invoking) {
            for (HeldMessage held : batch.messages()) {
                Instant due = due(held, visibilityTimeout);
                Instant at = due.isAfter(now) ? due : now;
                if (at.isBefore(next)
                        && !extension(held, heartbeat, visibilityTimeout, at).isZero()) {
                    next = at;
                }
            }
        }
        return next;
    }

    /** Splits changes into calls of at most ten entries and remembers them. */
    List<List<VisibilityChange>> chunks(List<VisibilityChange> changes) {
        List<List<VisibilityChange>> chunks = new ArrayList<>();
        for (int from = 0; from < changes.size(); from += MOST_ENTRIES) {
            chunks.add(List.copyOf(changes.subList(from, Math.min(from + MOST_ENTRIES, changes.size()))));
        }
        return chunks;
    }

    void sent(long call, List<VisibilityChange> changes, Collection<HeldMessage> extending, Instant now) {
        Map<String, HeldMessage> extended = new HashMap<>();
        Set<String> ids = new HashSet<>();
        changes.forEach(change -> ids.add(change.message().messageId()));
        for (HeldMessage held : extending) {
            if (ids.contains(held.id())) {
                extended.put(held.id(), held);
                beingExtended.add(held);
            }
        }
        inFlight.put(call, new Call(changes, extended, now));
    }

    /**
     * A call ended.
     *
     * @param failures by message id; null when the call failed as a whole
     * @return messages whose visibility was not changed
     */
    List<QueueMessage> ended(long call, @Nullable Map<String, EntryFailure> failures, Instant now) {
        Call ended = inFlight.remove(call);
        if (ended == null) {
            throw new IllegalStateException("answer to visibility call " + call + ", which is not in flight");
        }
        List<QueueMessage> unchanged = new ArrayList<>();
        for (VisibilityChange change : ended.changes()) {
            String id = change.message().messageId();
            HeldMessage held = ended.extended().get(id);
            if (held != null && !beingExtended.remove(held)) {
                // It has left the machine: its heartbeat neither matters nor may leave a trace.
                continue;
            }
            boolean failed = failures == null || failures.containsKey(id);
            if (failed) {
                unchanged.add(change.message());
            }
            if (held != null) {
                extended(held, change, failed, ended.sentAt(), now);
            }
        }
        return unchanged;
    }

    private void extended(HeldMessage held, VisibilityChange change, boolean failed, Instant sentAt, Instant now) {
        if (failed) {
            notBefore.put(
                    held, now.plus(change.timeout().dividedBy(RETRY_SHARE)).plusMillis(1));
        } else {
            notBefore.remove(held);
            held.visibleAgainAt(sentAt.plus(change.timeout()));
        }
    }

    /** Forgets a message that has left the machine. */
    void forget(HeldMessage held) {
        beingExtended.remove(held);
        notBefore.remove(held);
    }
}
