package dev.millrace.stream;

import dev.millrace.failure.Discard;
import dev.millrace.failure.LastInvocation;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardSnapshot.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of a shard's {@code ParallelizationFactor} ordered sub-streams: its records in order, of which at most one batch is
 * under way. What is under way may have been split: then its parts follow one another, and nothing else is collected before
 * they are settled. Owned by the shard's machine.
 */
final class Lane {

    /** What the lane is doing with the first part of what is under way. */
    sealed interface State {
        /** Nothing is in flight; the next invocation may have to wait. */
        record Ready() implements State {}

        record Invoking() implements State {}

        /**
         * The records of this discard wait for the destination.
         *
         * @param since when it was tried first
         * @param failures how often the destination has not taken it
         */
        record Delivering(Discard discard, Instant since, int failures) implements State {}

        /** The destination did not take it; it is tried again like this. */
        record Undelivered(Delivering next, Instant until) implements State {}
    }

    static final State READY = new State.Ready();
    static final State INVOKING = new State.Invoking();

    private final int index;
    private final Deque<StreamRecord> waiting = new ArrayDeque<>();
    private final Deque<StreamBatch> parts = new ArrayDeque<>();
    private State state = READY;

    /** Serialised bytes of the waiting records. */
    private long waitingBytes;

    private Instant notBefore = Instant.MIN;
    private Instant freeSince = Instant.MIN;
    private Instant firstWaitingSince = Instant.MIN;

    /** Invocations in a row that did not reach the function. */
    private int unreached;

    private @Nullable LastInvocation last;
    private @Nullable String lastError;
    /** Since when the first part fails; null while it does not. */
    private @Nullable Instant blockedSince;

    Lane(int index) {
        this.index = index;
    }

    int index() {
        return index;
    }

    State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    // ---- records that wait ----

    void add(StreamRecord record, Instant now) {
        if (waiting.isEmpty()) {
            firstWaitingSince = now;
        }
        waiting.add(record);
        waitingBytes += record.json().size();
    }

    @Nullable
    StreamRecord firstWaiting() {
        return waiting.peekFirst();
    }

    @Nullable
    StreamRecord lastWaiting() {
        return waiting.peekLast();
    }

    StreamRecord removeFirstWaiting() {
        StreamRecord first = waiting.remove();
        waitingBytes -= first.json().size();
        return first;
    }

    int waiting() {
        return waiting.size();
    }

    long waitingBytes() {
        return waitingBytes;
    }

    /**
     * When the batching window of the waiting records ends. It starts when the batch before is settled (spec 2.1); when it
     * has ended without any record, the next one starts with the first record.
     */
    Instant windowEnd(Duration window) {
        Instant end = freeSince.plus(window);
        return firstWaitingSince.isAfter(end) ? firstWaitingSince.plus(window) : end;
    }

    /** Puts the next batch under way. */
    void begin(StreamBatch batch) {
        parts.add(batch);
    }

    // ---- what is under way ----

    /** The part that is next, or at work; null when nothing is under way. */
    @Nullable
    StreamBatch head() {
        return parts.peek();
    }

    /** Puts this before what is under way. */
    void first(StreamBatch part) {
        parts.addFirst(part);
    }

    /** The first part is replaced by these, in order; by nothing when it is settled. */
    void replaceHead(List<StreamBatch> by, Instant now) {
        parts.remove();
        by.reversed().forEach(parts::addFirst);
        if (parts.isEmpty()) {
            freeSince = now;
            firstWaitingSince = now;
        }
    }

    /** The next invocation is not made before this. */
    Instant notBefore() {
        return notBefore;
    }

    void backOff(Instant until) {
        notBefore = until;
    }

    /** Progress was made: what failed before does not count any more. */
    void progressed() {
        unreached = 0;
        last = null;
        lastError = null;
        blockedSince = null;
        notBefore = Instant.MIN;
    }

    /** An invocation of the first part did not reach the function. */
    void notReached(String error, Instant now) {
        unreached++;
        troubled(error, now);
    }

    /**
     * The first part failed.
     *
     * @param invocation null when the function has not seen it
     */
    void failed(@Nullable LastInvocation invocation, String error, Instant now) {
        unreached = 0;
        if (invocation != null) {
            last = invocation;
        }
        troubled(error, now);
    }

    /** What is under way is held up. */
    void troubled(String error, Instant now) {
        lastError = error;
        if (blockedSince == null) {
            blockedSince = now;
        }
    }

    /** Whether what is under way has failed since the lane made progress. */
    boolean isFailing() {
        return blockedSince != null;
    }

    int unreached() {
        return unreached;
    }

    @Nullable
    LastInvocation last() {
        return last;
    }

    /** Records that are under way or wait. */
    int held() {
        int held = waiting.size();
        for (StreamBatch part : parts) {
            held += part.size();
        }
        return held;
    }

    // ---- for people ----

    ShardSnapshot.LaneSnapshot snapshot(FailureRules rules, Instant now) {
        StreamBatch head = head();
        StreamRecord first =
                head == null || head.isEmpty() ? null : head.records().getFirst();
        Activity activity = activity(now);
        Instant expiry = first == null ? Instant.MAX : rules.expiry(first, null);
        return new ShardSnapshot.LaneSnapshot(
                index,
                activity,
                first == null ? null : first.sequenceNumber(),
                first == null || head == null ? null : head.last(),
                head == null ? 0 : head.size(),
                head == null ? 0 : head.invocations() + (activity == Activity.INVOKING ? 1 : 0),
                lastError,
                blockedSince,
                retryAt(activity),
                expiry.equals(Instant.MAX) ? null : expiry,
                first == null ? null : first.arrival(),
                held() - (head == null ? 0 : head.size()));
    }

    private Activity activity(Instant now) {
        return switch (state) {
            case State.Invoking _ -> Activity.INVOKING;
            case State.Delivering _ -> Activity.DELIVERING;
            case State.Undelivered _ -> Activity.UNDELIVERED;
            case State.Ready _ -> {
                if (parts.isEmpty()) {
                    yield Activity.COLLECTING;
                }
                yield now.isBefore(notBefore) ? Activity.BACKING_OFF : Activity.WAITING;
            }
        };
    }

    private @Nullable Instant retryAt(Activity activity) {
        return switch (activity) {
            case BACKING_OFF -> notBefore;
            case UNDELIVERED -> state instanceof State.Undelivered(var _, var until) ? until : null;
            case COLLECTING, INVOKING, WAITING, DELIVERING -> null;
        };
    }
}
