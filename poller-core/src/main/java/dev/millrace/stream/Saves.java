package dev.millrace.stream;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.invoke.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When a shard's progress is stored, and how far the function may be ahead of what is stored: after a crash, what was
 * settled and not stored is processed again. Owned by the shard's machine.
 */
final class Saves {

    /** How long a settled batch may wait for others at least, so that a fast function does not cost a write for each. */
    static final Duration LINGER = Duration.ofMillis(20);
    /** How long progress may wait that repeats no invocation when it is lost, such as filtered records. */
    static final Duration NOTHING_TO_REPEAT = Duration.ofSeconds(10);
    /** How long it may wait when only time has passed: that tells gaps, in hours. */
    static final Duration TIME_READ = Duration.ofMinutes(10);

    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final int mostUnsaved;
    private final Duration linger;
    private final Duration rest;
    private final RandomGenerator random;
    private final Outage outage = new Outage();

    private long call;
    private int unsaved;
    private int inCall;
    /** When progress is stored that repeats no invocation when it is lost; {@link Instant#MAX} when there is none. */
    private Instant cheapDue = Instant.MAX;
    /** When the first batch is stored that is settled and not in the call; {@link Instant#MAX} when there is none. */
    private Instant batchesDue = Instant.MAX;

    private boolean hurried;
    private int failures;
    private Instant pausedUntil = Instant.MIN;
    /** When a batch that nothing waits for may be stored: the last save is long enough ago. */
    private Instant restedAt = Instant.MIN;

    Saves(int lanes, SavePace pace, RandomGenerator random) {
        this.mostUnsaved = pace.unsavedPerLane() * lanes;
        this.linger = pace.interval().compareTo(LINGER) > 0 ? pace.interval() : LINGER;
        this.rest = pace.interval();
        this.random = random;
    }

    /** A batch, or a part of one, is settled. */
    void settled(Instant now) {
        unsaved++;
        Instant latest = hurried || unsaved - inCall >= mostUnsaved / 2 ? now : now.plus(linger);
        batchesDue = latest.isBefore(batchesDue) ? latest : batchesDue;
    }

    /** Progress that repeats no invocation when it is lost; it is stored at this time or before. */
    void advanced(Instant latest) {
        cheapDue = latest.isBefore(cheapDue) ? latest : cheapDue;
    }

    /** Whether another batch may be invoked: too much would be repeated after a crash otherwise. */
    boolean mayInvoke() {
        return unsaved < mostUnsaved;
    }

    /**
     * Whether to store now.
     *
     * @param idle no other batch is under way that settled ones could wait for
     */
    boolean isDue(Instant now, boolean idle) {
        boolean nothingToWaitFor = idle && unsaved > 0 && (hurried || !restedAt.isAfter(now));
        return nothingToWaitFor ? isReady(now) : !next().isAfter(now);
    }

    /** When to store; {@link Instant#MAX} while there is nothing to store and while a call is in flight. */
    Instant next() {
        Instant due = batchesDue.isBefore(cheapDue) ? batchesDue : cheapDue;
        Instant ready = ready();
        return due.isAfter(ready) ? due : ready;
    }

    /** Whether a call may be made at this time. */
    boolean isReady(Instant now) {
        return !ready().isAfter(now);
    }

    /** When a call may be made; {@link Instant#MAX} while one is in flight. */
    Instant ready() {
        return call != 0 ? Instant.MAX : pausedUntil;
    }

    /** The mapping stops: nothing waits any longer. */
    void hurry() {
        hurried = true;
        cheapDue = cheapDue.equals(Instant.MAX) ? Instant.MAX : Instant.MIN;
        batchesDue = batchesDue.equals(Instant.MAX) ? Instant.MAX : Instant.MIN;
    }

    /** Whether everything is stored. */
    boolean isDone() {
        return call == 0 && unsaved == 0 && cheapDue.equals(Instant.MAX);
    }

    void start(long number, Instant now) {
        call = number;
        restedAt = now.plus(rest);
        inCall = unsaved;
        cheapDue = Instant.MAX;
        batchesDue = Instant.MAX;
    }

    /** Stored; answers whether storing did not work before. */
    boolean saved(long number) {
        ended(number);
        unsaved -= inCall;
        inCall = 0;
        failures = 0;
        return outage.worked();
    }

    /** Not stored, as far as is known; answers the pause. */
    Duration failed(long number, Instant now) {
        ended(number);
        inCall = 0;
        cheapDue = now;
        failures++;
        Duration pause = PAUSES.pause(failures, random);
        pausedUntil = now.plus(pause);
        return pause;
    }

    boolean reports(Instant now) {
        return outage.failed("store", now);
    }

    private void ended(long number) {
        if (number != call) {
            throw new IllegalArgumentException("save " + number + " is not in flight");
        }
        call = 0;
    }

    int unsaved() {
        return unsaved;
    }
}
