package dev.millrace.runner;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The time since start on top of the wall clock's start: machines may rely on it never going back, whatever is done to the
 * host's clock.
 */
public final class MonotonicClock implements InstantSource {

    private final Instant start = Clock.systemUTC().instant();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
