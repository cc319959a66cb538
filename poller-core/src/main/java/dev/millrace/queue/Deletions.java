package dev.millrace.queue;

import dev.millrace.invoke.Backoff;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Messages on their way out of the queue. A delete that fails is tried again until the message becomes visible again; by
 * then the queue has taken it back. Deletes go out at once while few calls are in flight and are merged when many are.
 *
 * <p>A call that fails holds all deletes up. A message that the queue refuses to delete holds up no other: it is tried
 * again with the next call that has room, or after a pause of its own.
 */
final class Deletions {

    /** Entries that DeleteMessageBatch takes. */
    static final int MOST_ENTRIES = 10;

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** One message to delete; {@code handle} is the receipt handle last tried; {@code refused} when it did not help. */
    private record Deletion(HeldMessage held, String handle, boolean refused) {}

    private final RandomGenerator random;
    private final Deque<Deletion> waiting = new ArrayDeque<>();
    private final Map<Long, List<Deletion>> inFlight = new HashMap<>();
    private int failures;
    private Instant pausedUntil = Instant.MIN;

    private final Deque<Deletion> refused = new ArrayDeque<>();
    private int refusals;
    private Instant refusedUntil = Instant.MIN;

    Deletions(RandomGenerator random) {
        this.random = random;
    }

    void add(HeldMessage held) {
        waiting.add(new Deletion(held, "", false));
    }

    boolean isEmpty() {
        return waiting.isEmpty() && refused.isEmpty() && inFlight.isEmpty();
    }

    int size() {
        return waiting.size()
                + refused.size()
                + inFlight.values().stream().mapToInt(List::size).sum();
    }

    /** Whether a call may go out at this time. */
    boolean canSend(int callsAtOnce, Instant now) {
        boolean any = !waiting.isEmpty() || (!refused.isEmpty() && !now.isBefore(refusedUntil));
        return any && inFlight.size() < callsAtOnce && !now.isBefore(pausedUntil);
    }

    /** The next call's messages. */
    List<QueueMessage> send(long call) {
        List<Deletion> entries = new ArrayList<>(MOST_ENTRIES);
        take(waiting, entries);
        take(refused, entries);
        inFlight.put(call, entries);
        return entries.stream().map(entry -> entry.held().message()).toList();
    }

    private static void take(Deque<Deletion> from, List<Deletion> entries) {
        while (entries.size() < MOST_ENTRIES && !from.isEmpty()) {
            Deletion next = from.remove();
            entries.add(new Deletion(next.held(), next.held().message().receiptHandle(), next.refused()));
        }
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
                refused.add(new Deletion(entry.held(), entry.handle(), true));
                retry = true;
            } else {
                result.givenUp().add(entry.held());
            }
        }
        failures = 0;
        pausedUntil = Instant.MIN;
        if (retry) {
            refusals++;
            refusedUntil = now.plus(RETRY.pause(refusals, random));
        } else if (refusals > 0 && refusedMessages() == 0) {
            refusals = 0;
        }
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
        failures++;
        pausedUntil = now.plus(RETRY.pause(failures, random));
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

    /** Whether deleting as such fails: the last call did, or the queue refuses as many messages as a call takes. */
    boolean failing() {
        return failures > 0 ? !isEmpty() : refusals > 0 && refusedMessages() >= MOST_ENTRIES;
    }

    private long refusedMessages() {
        return Stream.concat(Stream.of(waiting, refused), inFlight.values().stream())
                .flatMap(Collection::stream)
                .filter(Deletion::refused)
                .count();
    }

    /** How long until the next try. */
    Duration pause(Instant now) {
        return pausedUntil.isAfter(now) ? Duration.between(now, pausedUntil) : Duration.ZERO;
    }

    /** When a paused delete goes on, or {@link Instant#MAX} when none waits for time to pass. */
    Instant nextSend(Instant now) {
        Instant next = Instant.MAX;
        if (!waiting.isEmpty()) {
            next = pausedUntil;
        } else if (!refused.isEmpty()) {
            next = refusedUntil.isAfter(pausedUntil) ? refusedUntil : pausedUntil;
        }
        return next.isAfter(now) ? next : Instant.MAX;
    }

    /** Everything not known to be deleted, taken out: the machine ends. */
    List<HeldMessage> abandon() {
        List<HeldMessage> left = new ArrayList<>();
        waiting.forEach(entry -> left.add(entry.held()));
        refused.forEach(entry -> left.add(entry.held()));
        inFlight.values().forEach(entries -> entries.forEach(entry -> left.add(entry.held())));
        waiting.clear();
        refused.clear();
        inFlight.clear();
        return left;
    }
}
