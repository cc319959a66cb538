package dev.millrace.stream;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.MappingOptions.Retry;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardSnapshot.Activity;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one lane must do, worked out anew from the mapping's members and spec 2, 4 and 5. */
final class LaneModel {

    private static final long MAXIMUM_EVENT = 6_291_456;
    private static final long FRAME = "{\"Records\":[]}".length();
    private static final Duration EXPIRY_MARGIN = Duration.ofSeconds(1);

    /** Records that must be invoked together; none for the end of a tumbling window. */
    static final class Part {
        final List<StreamRecord> records;
        int used;
        int invocations;

        Part(List<StreamRecord> records, int used, int invocations) {
            this.records = List.copyOf(records);
            this.used = used;
            this.invocations = invocations;
        }
    }

    enum Doing {
        NOTHING,
        INVOKING,
        DELIVERING,
        UNDELIVERED
    }

    private final EventSourceMapping mapping;
    private final StreamMembers members;
    private final Duration retention;
    private final @Nullable WindowModel window;
    final Deque<StreamRecord> waiting = new ArrayDeque<>();
    private final Deque<Part> parts = new ArrayDeque<>();
    private long waitingBytes;

    Doing doing = Doing.NOTHING;
    /** Why the first part must be given up in this very turn; null when it must not. */
    @Nullable
    DiscardReason mustDiscard;

    private int unreached;
    /** Whether the last invocation failed. */
    private boolean failing;

    /** Between these times is the next attempt. */
    Instant earliest = Instant.MIN;

    Instant latest = Instant.MIN;
    private Instant freeSince = Instant.MIN;
    private Instant firstCame = Instant.MIN;
    Instant deliveringSince = Instant.MIN;
    int deliveryFailures;
    /** Between these times is the next delivery of what the destination did not take. */
    Instant deliverFrom = Instant.MIN;

    Instant deliverTo = Instant.MIN;
    /** What is with the destination, or owed to it. */
    @Nullable
    Discard discard;

    LaneModel(EventSourceMapping mapping, Duration retention, @Nullable WindowModel window) {
        this.mapping = mapping;
        this.retention = retention;
        this.members = (StreamMembers) mapping.source();
        this.window = window;
    }

    void add(StreamRecord record, Instant now) {
        if (waiting.isEmpty()) {
            firstCame = now;
        }
        waiting.add(record);
        waitingBytes += record.json().size();
    }

    @Nullable
    Part head() {
        return parts.peek();
    }

    /** Whether this is what it is seen to be doing. */
    boolean does(Activity seen) {
        return switch (doing) {
            case INVOKING -> seen == Activity.INVOKING;
            case DELIVERING -> seen == Activity.DELIVERING;
            case UNDELIVERED -> seen == Activity.UNDELIVERED;
            case NOTHING ->
                parts.isEmpty()
                        ? seen == Activity.COLLECTING
                        : seen == Activity.BACKING_OFF || seen == Activity.WAITING;
        };
    }

    int held() {
        return waiting.size()
                + parts.stream().mapToInt(part -> part.records.size()).sum();
    }

    // ---- batches ----

    /** Whether the next batch is not all there. */
    boolean isHungry() {
        return waiting.size() < mapping.batchSize();
    }

    /** Whether the next batch must be formed now, and not earlier. */
    boolean closes(boolean atEnd, boolean full, Instant now) {
        StreamRecord first = waiting.peek();
        if (window != null && window.isOver(first, atEnd, now)) {
            return true;
        }
        if (first == null) {
            return false;
        }
        return atEnd
                || full
                || waiting.size() >= mapping.batchSize()
                || eventBytes(waiting.size(), waitingBytes) > MAXIMUM_EVENT
                || (window != null && !window.holds(first, waiting.getLast()))
                || !now.isBefore(windowEnd())
                || isTooOld(first, now.plus(EXPIRY_MARGIN).plusMillis(1));
    }

    private Instant windowEnd() {
        Duration size = mapping.maximumBatchingWindow();
        Instant end = freeSince.plus(size);
        return firstCame.isAfter(end) ? firstCame.plus(size) : end;
    }

    private long eventBytes(int records, long bytes) {
        return FRAME + bytes + Math.max(0, records - 1) + (window == null ? 0 : window.eventBytes());
    }

    boolean fits(List<StreamRecord> records) {
        long bytes = records.stream().mapToLong(record -> record.json().size()).sum();
        return eventBytes(records.size(), bytes) <= MAXIMUM_EVENT;
    }

    void form(boolean atEnd, Instant now) {
        StreamRecord first = waiting.peek();
        if (window != null && window.isOver(first, atEnd, now)) {
            parts.add(new Part(List.of(), 0, 0));
            return;
        }
        List<StreamRecord> batch = new ArrayList<>();
        long bytes = 0;
        while (first != null && !waiting.isEmpty() && batch.size() < mapping.batchSize()) {
            StreamRecord next = waiting.getFirst();
            boolean more = eventBytes(batch.size() + 1, bytes + next.json().size()) <= MAXIMUM_EVENT
                    && (window == null || window.holds(first, next));
            if (!more && !batch.isEmpty()) {
                break;
            }
            batch.add(waiting.remove());
            bytes += next.json().size();
            waitingBytes -= next.json().size();
        }
        parts.add(new Part(batch, 0, 0));
        if (window != null) {
            window.form(batch.getFirst());
        }
    }

    /** What the growth of a window's state makes of the first part before it is invoked. */
    void adapt() {
        Part head = parts.peek();
        if (window == null || head == null || head.records.isEmpty() || doing != Doing.NOTHING) {
            return;
        }
        if (window.isTooLarge()) {
            parts.addFirst(new Part(List.of(), 0, 0));
            return;
        }
        while (head.records.size() > 1 && !fits(head.records)) {
            split(head);
            head = parts.element();
        }
    }

    private void split(Part part) {
        parts.remove();
        int half = part.records.size() / 2;
        parts.addFirst(new Part(part.records.subList(half, part.records.size()), part.used, part.invocations));
        parts.addFirst(new Part(part.records.subList(0, half), part.used, part.invocations));
    }

    // ---- age ----

    private boolean isTooOld(StreamRecord record, Instant now) {
        Duration age = members.maximumRecordAge();
        return !age.isZero() && Duration.between(record.arrival(), now).compareTo(age) > 0;
    }

    private boolean isExpired(StreamRecord record, Instant now) {
        boolean isForgotten = Duration.between(record.arrival(), now).compareTo(retention) > 0;
        return isTooOld(record, now) || (failing && isForgotten);
    }

    /** How many of the first records of what is next are too old. */
    int expired(Instant now) {
        Part head = parts.peek();
        int count = 0;
        while (head != null && count < head.records.size() && isExpired(head.records.get(count), now)) {
            count++;
        }
        return count;
    }

    // ---- outcomes ----

    /** The invocation of the first part has ended; answers what is settled by it. */
    List<StreamRecord> invoked(InvocationOutcome outcome, Instant now) {
        doing = Doing.NOTHING;
        failing = !(outcome instanceof InvocationOutcome.Succeeded);
        Part part = parts.element();
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> settle(part.records.size(), now);
            case InvocationOutcome.BatchItemFailures(var identifiers) -> reported(part, identifiers, now);
            case InvocationOutcome.MalformedAnswer _, InvocationOutcome.FunctionError _ -> failed(part, now);
            case InvocationOutcome.Throttled(var _, var pause) -> notReached(part, pause, now);
            case InvocationOutcome.Unavailable(var _, var pause) -> notReached(part, pause, now);
            case InvocationOutcome.TooLarge _ -> {
                unreached = 0;
                if (part.records.size() > 1) {
                    split(part);
                    pause(now, now);
                } else {
                    mustDiscard = DiscardReason.RECORD_TOO_LARGE;
                }
                yield List.of();
            }
        };
    }

    private List<StreamRecord> reported(Part part, List<String> identifiers, Instant now) {
        int lowest = part.records.size();
        for (String identifier : identifiers) {
            int index = identifier.matches("[0-9]+") ? indexOf(part, new BigInteger(identifier)) : -1;
            lowest = Math.min(lowest, index);
        }
        if (lowest <= 0) {
            return failed(part, now);
        }
        List<StreamRecord> done = settle(lowest, now);
        Part rest = parts.remove();
        parts.addFirst(new Part(rest.records, 0, 0));
        pauseAfter(1, now);
        return done;
    }

    private static int indexOf(Part part, BigInteger number) {
        for (int i = 0; i < part.records.size(); i++) {
            if (new BigInteger(part.records.get(i).sequenceNumber().digits()).equals(number)) {
                return i;
            }
        }
        return -1;
    }

    private List<StreamRecord> failed(Part part, Instant now) {
        unreached = 0;
        part.invocations++;
        if (members.bisectBatchOnFunctionError() && part.records.size() > 1) {
            split(part);
            pauseAfter(1, now);
            return List.of();
        }
        part.used++;
        if (members.maximumRetryAttempts() >= 0 && part.used == members.maximumRetryAttempts() + 1) {
            mustDiscard = DiscardReason.RETRY_ATTEMPTS_EXHAUSTED;
        } else {
            pauseAfter(part.used, now);
        }
        return List.of();
    }

    private List<StreamRecord> notReached(Part part, Duration asked, Instant now) {
        part.invocations++;
        unreached++;
        pauseAfter(unreached, now);
        Instant wanted = now.plus(asked);
        pause(later(earliest, wanted), later(latest, wanted));
        return List.of();
    }

    /** Doubled with each failure up to the maximum; up to half of it is chance. */
    private void pauseAfter(int failures, Instant now) {
        Retry retry = mapping.options().stream().retry();
        long full = Math.min(retry.maximum().toMillis(), retry.base().toMillis() << Math.min(failures - 1, 20));
        pause(now.plusMillis(full - full / 2), now.plusMillis(full));
    }

    private void pause(Instant from, Instant to) {
        earliest = from;
        latest = to;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** The function may be there again: who did not reach it tries at once. */
    void functionIsBack(Instant now) {
        if (unreached > 0) {
            pause(now, now);
        }
    }

    /** The first records are done with. */
    List<StreamRecord> settle(int count, Instant now) {
        Part part = parts.remove();
        List<StreamRecord> done = part.records.subList(0, count);
        if (count < part.records.size()) {
            parts.addFirst(new Part(part.records.subList(count, part.records.size()), part.used, part.invocations));
        } else if (parts.isEmpty()) {
            freeSince = now;
        }
        unreached = 0;
        pause(Instant.MIN, Instant.MIN);
        return done;
    }

    /** As {@link #settle}, but what follows has not made progress by it. */
    List<StreamRecord> givenUp(int count, Instant now) {
        Instant from = earliest;
        Instant to = latest;
        mustDiscard = null;
        failing = false;
        doing = Doing.NOTHING;
        discard = null;
        List<StreamRecord> done = settle(count, now);
        if (!parts.isEmpty()) {
            pause(from, to);
        }
        return done;
    }

    static long bytes(List<StreamRecord> records) {
        return RecordsEvent.of(records.stream().map(StreamRecord::json).toList())
                .size();
    }
}
