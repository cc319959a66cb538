package dev.millrace.invoke;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Growing pauses between attempts: doubling from {@code base} to {@code maximum}, half of each pause drawn at random so
 * that many pollers do not come back at the same moment.
 *
 * @param base pause after the first failure, before jitter
 * @param maximum upper bound of every pause
 */
public record Backoff(Duration base, Duration maximum) {

    /** Beyond this many doublings every realistic base has reached its maximum; keeps the shift in range. */
    private static final int MOST_DOUBLINGS = 30;

    /**
     * The pause after this many failures in a row.
     *
     * @param failures 1 or more
     */
    public Duration pause(int failures, RandomGenerator random) {
        long full = base.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
        long bounded = Math.min(full, maximum.toMillis());
        return Duration.ofMillis(bounded - (bounded <= 1 ? 0 : random.nextLong(bounded / 2 + 1)));
    }
}
