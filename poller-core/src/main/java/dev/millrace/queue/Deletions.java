package dev.millrace.queue;

import dev.millrace.invoke.Backoff;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Messages on their way out of the queue. A delete that fails is tried again until the message becomes visible again; by
 * then the queue has taken it back. Deletes go out at once while few calls are in flight and are merged when many are.
 */
final class Deletions {

    /** Entries that DeleteMessageBatch takes. */
    static final int MOST_ENTRIES = 10;

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** One message to delete; {@code handle} is the receipt handle last tried. */
    private record Deletion(HeldMessage held, String handle) {}

    private final RandomGenerator random;
    private final Deque<Deletion> waiting = new ArrayDeque<>();
    private final Map<Long, List<Deletion>> inFlight = new HashMap<>();
    private int failures;
    private Instant pausedUntil = Instant.MIN;

    Deletions(RandomGenerator random) {
        this.random = random;
    }

    void add(HeldMessage held) {
        waiting.add(new Deletion(held, ""));
    }

    boolean isEmpty() {
        return waiting.isEmpty() && inFlight.isEmpty();
    }

    int size() {
        return waiting.size() + inFlight.values().stream().mapToInt(List::size).sum();
    }

    /** Whether a call may go out at this time. */
    boolean canSend(int callsAtOnce, Instant now) {
        return !waiting.isEmpty() && inFlight.size() < callsAtOnce && !now.isBefore(pausedUntil);
    }

    /** The next call's messages. */
    List<QueueMessage> send(long call) {
        List<Deletion> entries = new ArrayList<>(MOST_ENTRIES);
        while (entries.size() < MOST_ENTRIES && !waiting.isEmpty()) {
            Deletion next = waiting.poll();
            entries.add(new Deletion(next.held(), next.held().message().receiptHandle()));
        }
        inFlight.put(call, entries);
        return entries.stream().map(entry -> entry.held().message()).toList();
    }

    /** What became of one call. */
    record Result(List<HeldMessage> deleted, List<HeldMessage> givenUp) {}

    /** The call was answered. */
    Result answered(long call, Map<String, EntryFailure> failed, Instant now) {
        Result result = new Result(new ArrayList<>(), new ArrayList<>());
        boolean retry = false;
        for (Deletion entry : take(call)) {
            EntryFailure failure = failed.get(entry.held().id());
            if (failure == null && handleIsNewer(entry)) {
                // A standard queue says yes to an older handle and may keep the message (AWS, DeleteMessage).
                waiting.add(entry);
            } else if (failure == null) {
                result.deleted().add(entry.held());
            } else if (mayTryAgain(entry, failure.senderFault(), now)) {
                waiting.add(entry);
                retry = true;
            } else {
                result.givenUp().add(entry.held());
            }
        }
        pause(retry, now);
        return result;
    }

    /** The call failed as a whole. */
    Result failed(long call, Instant now) {
        Result result = new Result(List.of(), new ArrayList<>());
        for (Deletion entry : take(call)) {
            if (mayTryAgain(entry, false, now)) {
                waiting.add(entry);
            } else {
                result.givenUp().add(entry.held());
            }
        }
        pause(true, now);
        return result;
    }

    private List<Deletion> take(long call) {
        List<Deletion> entries = inFlight.remove(call);
        if (entries == null) {
            throw new IllegalStateException("answer to delete call " + call + ", which is not in flight");
        }
        return entries;
    }

    private static boolean mayTryAgain(Deletion entry, boolean senderFault, Instant now) {
        return handleIsNewer(entry)
                || (!senderFault && now.isBefore(entry.held().visibleAgainAt()));
    }

    /** The message came back while the call was under way. */
    private static boolean handleIsNewer(Deletion entry) {
        return !entry.held().message().receiptHandle().equals(entry.handle());
    }

    private void pause(boolean retry, Instant now) {
        failures = retry ? failures + 1 : 0;
        pausedUntil = retry ? now.plus(RETRY.pause(failures, random)) : Instant.MIN;
    }

    /** When a paused delete goes on, or {@link Instant#MAX} when none waits for time to pass. */
    Instant nextSend(Instant now) {
        return !waiting.isEmpty() && pausedUntil.isAfter(now) ? pausedUntil : Instant.MAX;
    }

    /** Everything not known to be deleted, taken out: the machine ends. */
    List<HeldMessage> abandon() {
        List<HeldMessage> left = new ArrayList<>();
        waiting.forEach(entry -> left.add(entry.held()));
        inFlight.values().forEach(entries -> entries.forEach(entry -> left.add(entry.held())));
        waiting.clear();
        inFlight.clear();
        return left;
    }
}
