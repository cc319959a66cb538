package dev.millrace.runner;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The wall clock, but never going back: machines may rely on that, whatever is done to the host's clock.
 *
 * <p>A wall clock that is set forward, or was suspended with its host, is followed at once: the age of records is measured
 * against it. One that is set back is followed by going a quarter slower until both agree: standing still would stop every
 * timer for as long as the correction, and what is half a time early, such as a heartbeat, stays early. Thread-safe.
 */
public final class MonotonicClock implements InstantSource {

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** Two readings of one moment differ by as much; what is smaller is no correction. */
    private static final long SAME = TimeUnit.MILLISECONDS.toNanos(1);

    private final InstantSource wall;
    private final LongSupplier elapsing;

    // Guarded by this.
    private long nanos;
    /** Since the epoch; enough until the year 2262. */
    private long now;

    public MonotonicClock() {
        this(Clock.systemUTC(), System::nanoTime);
    }

    MonotonicClock(InstantSource wall, LongSupplier elapsing) {
        this.wall = wall;
        this.elapsing = elapsing;
        this.nanos = elapsing.getAsLong();
        this.now = nanosOf(wall.instant());
    }

    @Override
    public synchronized Instant instant() {
        long fresh = elapsing.getAsLong();
        long elapsed = fresh - nanos;
        nanos = fresh;
        long real = nanosOf(wall.instant());
        boolean isAhead = now + elapsed > real + SAME;
        now = Math.max(now + (isAhead ? elapsed - elapsed / 4 : elapsed), real);
        return Instant.ofEpochSecond(now / NANOS_PER_SECOND, now % NANOS_PER_SECOND);
    }

    private static long nanosOf(Instant instant) {
        return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
    }
}
