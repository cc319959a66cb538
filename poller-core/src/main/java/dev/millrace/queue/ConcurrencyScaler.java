package dev.millrace.queue;

import dev.millrace.queue.QueuePolicy.Scaling;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many batches a queue mapping may have in flight (spec 3.4): grows while every slot is busy, shrinks on function
 * errors, on throttling and when idle.
 *
 * <p>With a pace in the policy it grows by the clock, as AWS does. Without one it climbs: after each round, in which as
 * many batches completed as there are slots, it doubles, as long as that raised the rate of completions. When more slots
 * no longer help, the function or this machine is the limit: it steps back and tries again some seconds later.
 */
final class ConcurrencyScaler {

    /** A step that raised the rate by less than this was not worth its slots. */
    private static final double USEFUL_GAIN = 1.1;
    /** Rounds shorter than this measure noise. */
    private static final Duration SHORTEST_ROUND = Duration.ofMillis(100);
    /** How long a limit that proved right is kept before more is tried. */
    private static final Duration HOLD = Duration.ofSeconds(10);
    /** A mapping that has not used its slots for this long gives half of them back. */
    private static final Duration IDLE_STEP = Duration.ofSeconds(60);
    /** Throttled invocations within this time count as one sign, since they were started together. */
    private static final Duration ONE_THROTTLE = Duration.ofSeconds(1);
    /** Share kept after a function error: concurrency falls gradually. */
    private static final double AFTER_ERROR = 0.9;

    private static final double AFTER_THROTTLE = 0.5;
    /** Growth by the clock never makes up for more than this: slots were not in demand before. */
    private static final Duration LONGEST_GROWTH = Duration.ofSeconds(1);

    /** A round that takes longer says nothing soon. */
    private static final Duration SLOW_ROUND = Duration.ofSeconds(1);

    private static final double CAUTIOUS_STEP = 1.25;
    private static final double BOLD_STEP = 2;

    private final Scaling scaling;
    private double limit;
    private boolean cautious;

    private @Nullable Instant lastBusy;
    private @Nullable Instant lastGrowth;
    private @Nullable Instant lastThrottle;
    private @Nullable Instant holdUntil;

    private @Nullable Instant roundStart;
    private int roundCompletions;
    private double lastRate;
    private double limitBeforeStep;

    ConcurrencyScaler(Scaling scaling) {
        this.scaling = scaling;
        this.limit = scaling.start();
        this.limitBeforeStep = limit;
    }

    int limit() {
        return (int) limit;
    }

    /** A batch ended without function error. */
    void succeeded(boolean everySlotBusy, Instant now) {
        if (!everySlotBusy) {
            roundStart = null;
            return;
        }
        lastBusy = now;
        if (scaling.growthPerMinute().isPresent()) {
            growByClock(scaling.growthPerMinute().getAsInt(), now);
        } else {
            climb(now);
        }
    }

    /**
     * Every slot is busy at this time. A function that takes long completes few batches, so concurrency also grows by the
     * clock: at the pace of the policy, or at AWS's while a round of climbing takes long.
     */
    void demand(Instant now) {
        lastBusy = now;
        if (justThrottled(now)) {
            return;
        }
        if (scaling.growthPerMinute().isPresent()) {
            growByClock(scaling.growthPerMinute().getAsInt(), now);
        } else if (roundStart == null) {
            roundStart = now;
            roundCompletions = 0;
        } else if (!now.isBefore(slowFrom(roundStart))) {
            growByClock(QueuePolicy.AWS_GROWTH, now);
        }
    }

    private Instant slowFrom(Instant round) {
        Instant slow = round.plus(SLOW_ROUND);
        return holdUntil != null && holdUntil.isAfter(slow) ? holdUntil : slow;
    }

    /** When {@link #demand} makes a difference again while every slot stays busy. */
    Instant nextGrowth(Instant now) {
        if (limit >= scaling.ceiling()) {
            return Instant.MAX;
        }
        Instant step = now.plus(LONGEST_GROWTH);
        if (scaling.growthPerMinute().isPresent() || roundStart == null) {
            return step;
        }
        Instant slow = slowFrom(roundStart);
        return slow.isAfter(now) ? slow : step;
    }

    private void growByClock(int perMinute, Instant now) {
        Duration since = lastGrowth == null ? Duration.ZERO : Duration.between(lastGrowth, now);
        double seconds = Math.min(since.toNanos(), LONGEST_GROWTH.toNanos()) / 1e9;
        limit = Math.min(scaling.ceiling(), limit + seconds * perMinute / 60);
        lastGrowth = now;
    }

    private void climb(Instant now) {
        if (roundStart == null) {
            roundStart = now;
            roundCompletions = 0;
            return;
        }
        roundCompletions++;
        Duration elapsed = Duration.between(roundStart, now);
        if (roundCompletions < limit() || elapsed.compareTo(SHORTEST_ROUND) < 0) {
            return;
        }
        double rate = roundCompletions / (double) elapsed.toNanos();
        roundStart = now;
        roundCompletions = 0;
        if (holdUntil != null && now.isBefore(holdUntil)) {
            return;
        }
        if (lastRate == 0 || rate > lastRate * USEFUL_GAIN) {
            lastRate = rate;
            limitBeforeStep = limit;
            limit = Math.min(scaling.ceiling(), Math.max(limit + 1, limit * (cautious ? CAUTIOUS_STEP : BOLD_STEP)));
        } else {
            limit = Math.min(limit, limitBeforeStep);
            cautious = true;
            lastRate = 0;
            holdUntil = now.plus(HOLD);
        }
    }

    /** The function failed with a whole batch. */
    void functionError(Instant now) {
        shrink(AFTER_ERROR, Math.min(scaling.floor(), limit), now);
    }

    /** The function was at its limit or not reachable. */
    void throttled(Instant now) {
        if (!justThrottled(now)) {
            lastThrottle = now;
            shrink(AFTER_THROTTLE, Math.min(1, limit), now);
        }
    }

    private boolean justThrottled(Instant now) {
        return lastThrottle != null && Duration.between(lastThrottle, now).compareTo(ONE_THROTTLE) < 0;
    }

    private void shrink(double share, double floor, Instant now) {
        limit = Math.max(floor, limit * share);
        limitBeforeStep = limit;
        cautious = true;
        lastRate = 0;
        roundStart = null;
        lastGrowth = now;
    }

    /** A long poll came back empty. */
    void idle(Instant now) {
        if (lastBusy == null) {
            lastBusy = now;
        } else if (Duration.between(lastBusy, now).compareTo(IDLE_STEP) >= 0) {
            double floor = limit > scaling.start() ? scaling.start() : Math.min(limit, scaling.floor());
            limit = Math.max(floor, limit / 2);
            cautious = false;
            lastRate = 0;
            lastBusy = now;
        }
        // Invariant: whatever happened before, an idle mapping is ready for work again.
        limit = Math.max(limit, scaling.floor());
    }
}
