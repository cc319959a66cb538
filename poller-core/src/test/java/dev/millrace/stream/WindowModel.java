package dev.millrace.stream;

import dev.millrace.batch.WindowCall;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The tumbling window that must be open, worked out anew from spec 5. */
final class WindowModel {

    private static final long MEGABYTE = 1_048_576;
    private static final Duration QUIET = Duration.ofMinutes(2);
    /** What the machine reserves for the window's members of an event. */
    private static final long MEMBERS = 1_024;

    private final Duration size;
    private @Nullable Instant start;
    private @Nullable Payload state;
    private Instant lastRecord;

    WindowModel(Duration size, @Nullable WindowProgress stored, Instant now) {
        this.size = size;
        this.lastRecord = now;
        if (stored != null) {
            start = stored.start();
            state = stored.state();
        }
    }

    void record(Instant now) {
        lastRecord = now;
    }

    /** Whether the function has seen anything of the window, so that there is something to end. */
    boolean isOpen() {
        return state != null;
    }

    private Instant windowOf(StreamRecord record) {
        long millis = size.toMillis();
        return Instant.ofEpochMilli(Math.floorDiv(record.arrival().toEpochMilli(), millis) * millis);
    }

    private Instant startFor(StreamRecord first) {
        Instant open = start;
        return isOpen() && open != null ? open : windowOf(first);
    }

    /** Whether a batch that begins with the first record may hold the other one. */
    boolean holds(StreamRecord first, StreamRecord other) {
        return !windowOf(other).isAfter(startFor(first));
    }

    /** A batch is formed: it and all that becomes of it belong to one window. */
    void form(StreamRecord first) {
        start = startFor(first);
    }

    boolean isOver(@Nullable StreamRecord next, boolean last, Instant now) {
        Instant open = start;
        if (!isOpen() || open == null) {
            return false;
        }
        if (isTooLarge()) {
            return true;
        }
        return next != null
                ? windowOf(next).isAfter(open)
                : last || (!now.isBefore(open.plus(size)) && !now.isBefore(lastRecord.plus(QUIET)));
    }

    boolean isTooLarge() {
        return state != null && state.size() > MEGABYTE;
    }

    long eventBytes() {
        return MEMBERS + (state == null ? 2 : state.size());
    }

    /**
     * Whether an invocation, also one that is given up, has its window.
     *
     * @param model null where there are none
     */
    static void check(@Nullable WindowModel model, @Nullable WindowCall call, @Nullable StreamRecord first) {
        boolean none = model == null && call == null;
        boolean right = none || (model != null && call != null && model.isRight(call, first));
        if (!right) {
            throw new AssertionError(call + " instead of " + (model == null ? null : model.start + " " + model.state));
        }
    }

    private boolean isRight(WindowCall call, @Nullable StreamRecord first) {
        boolean rightState = state == null ? call.state().text().equals("{}") : isSame(call.state());
        return call.start().equals(start)
                && call.end().equals(call.start().plus(size))
                && rightState
                && call.isFinal() == (first == null)
                && call.terminatedEarly() == (first == null && isTooLarge());
    }

    void answered(Payload answer) {
        state = answer;
    }

    void close() {
        state = null;
    }

    boolean isStoredAs(@Nullable WindowProgress progress) {
        return progress == null ? !isOpen() : progress.start().equals(start) && isSame(progress.state());
    }

    private boolean isSame(Payload other) {
        return state != null && Arrays.equals(state.bytes(), other.bytes());
    }
}
