package dev.millrace.stream;

import dev.millrace.batch.WindowCall;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The tumbling window of a shard (spec 5): which records belong to it, its state, and when it ends. Windows are aligned to
 * the epoch, by the records' arrival. Owned by the shard's machine.
 */
final class TumblingWindow {

    /** State that a window may have (spec 5). */
    static final long MAXIMUM_STATE = 1L << 20;
    /** A window that is over by the clock ends when the tip of the shard had no record for this long (spec 5). */
    static final Duration QUIET = Duration.ofMinutes(2);

    /** More than an event's other members about the window take, with the longest ARN and shard id. */
    private static final long EVENT_MEMBERS = 1_024;

    private static final Payload NO_STATE = Payload.ofText("{}");

    private final Duration size;

    private @Nullable Instant start;
    private Payload state = NO_STATE;
    /** Whether the function has processed anything of it; before that there is nothing to end. */
    private boolean begun;

    /** When a record came last, or may have been there. */
    private Instant lastRecord;

    /** Goes on with the window that was open; null when none was. */
    TumblingWindow(Duration size, @Nullable WindowProgress open, Instant now) {
        this.size = size;
        this.lastRecord = now;
        if (open != null) {
            start = open.start();
            state = open.state();
            begun = true;
        }
    }

    /** A record has come, or may be there and was not read. */
    void noticed(Instant now) {
        lastRecord = now;
    }

    /** Opens the record's window unless one is open of which the function has seen something. */
    void open(StreamRecord first) {
        if (!begun) {
            start = startOf(first.arrival());
        }
    }

    /**
     * Whether the record is part of the open window. One that arrived earlier than the window is part of it as well: its own
     * window has ended.
     */
    boolean takes(StreamRecord record) {
        return start != null && !startOf(record.arrival()).isAfter(start);
    }

    private Instant startOf(Instant arrival) {
        long seconds = size.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(arrival.getEpochSecond(), seconds) * seconds);
    }

    /**
     * Whether the open window is over, once nothing of it is under way.
     *
     * @param next the record that would be invoked next; null when none is there
     * @param last no more records will come
     */
    boolean isOver(@Nullable StreamRecord next, boolean last, Instant now) {
        if (start == null || !begun) {
            return false;
        }
        boolean later = next != null && !takes(next);
        return isTooLarge() || later || (next == null && (last || !now.isBefore(quietAt())));
    }

    /** When the open window is over if no more records come; {@link Instant#MAX} when none is open. */
    Instant quietAt() {
        if (start == null || !begun) {
            return Instant.MAX;
        }
        Instant end = start.plus(size);
        Instant quiet = lastRecord.plus(QUIET);
        return quiet.isAfter(end) ? quiet : end;
    }

    /** Whether the window has to end early (spec 5). */
    boolean isTooLarge() {
        return state.size() > MAXIMUM_STATE;
    }

    /** What the next invocation is told. */
    WindowCall call(boolean isFinal) {
        if (start == null) {
            throw new IllegalStateException("no window is open");
        }
        return new WindowCall(start, start.plus(size), state, isFinal, isFinal && isTooLarge());
    }

    /** The function has processed records of the window. */
    void answered(Payload newState) {
        state = newState;
        begun = true;
    }

    /** The window has ended. What is left of a batch in whose middle that was opens the same window again. */
    void close() {
        state = NO_STATE;
        begun = false;
    }

    /** Bytes that the window's members add to an event. */
    long eventBytes() {
        return state.size() + EVENT_MEMBERS;
    }

    /** What is stored; null when no window is open. */
    @Nullable
    WindowProgress progress() {
        return start == null || !begun ? null : new WindowProgress(start, state);
    }
}
