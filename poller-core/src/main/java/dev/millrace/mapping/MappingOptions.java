package dev.millrace.mapping;

import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a mapping that AWS does not have, written below the key {@code Millrace}. Without them a mapping behaves
 * as at AWS, except that concurrency grows as fast as queue and function allow ({@link GrowthPreset#FAST}).
 *
 * @param heartbeat extend the visibility timeout while the function runs; null means off
 * @param retryBackoff change a failed message's visibility by its receive count; null means off
 * @param releaseOnShutdown make unfinished messages visible at once when the daemon stops
 * @param growth how fast concurrency grows while there is work
 * @param growthPerMinute own rate in concurrent invocations per minute; overrides the preset's
 * @param waitTime of a long poll, 1 to 20 s
 * @param maximumBytesInFlight bound on the serialised bytes held at a time; 0 means the daemon's share
 */
public record MappingOptions(
        @Nullable Heartbeat heartbeat,
        @Nullable RetryBackoff retryBackoff,
        boolean releaseOnShutdown,
        GrowthPreset growth,
        OptionalInt growthPerMinute,
        Duration waitTime,
        long maximumBytesInFlight) {

    public static final MappingOptions DEFAULT =
            new MappingOptions(null, null, false, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(20), 0);

    /** How fast concurrency grows. */
    public enum GrowthPreset {
        /** As fast as the queue and the function allow: doubles while every slot is busy. */
        FAST,
        /** AWS's pace: 300 concurrent invocations a minute, 1,000 in provisioned mode (spec 3.4, 3.6). */
        AWS
    }

    /**
     * Visibility heartbeat.
     *
     * @param maximum how long after its receive a message is kept invisible at most; up to 12 h, SQS's own limit
     */
    public record Heartbeat(Duration maximum) {}

    /**
     * The visibility timeout given to a failed message: {@code base * factor^(receiveCount - 1)}, at most
     * {@code maximum}.
     *
     * @param base 0 to 43,200 s
     * @param factor 1 or more
     * @param maximum at most 43,200 s, SQS's own limit
     */
    public record RetryBackoff(Duration base, double factor, Duration maximum) {

        /** The visibility timeout after a failure at this receive count (from 1), in whole seconds. */
        public Duration delay(int receiveCount) {
            double seconds = (double) base.toSeconds() * Math.pow(factor, Math.max(0, receiveCount - 1));
            return Duration.ofSeconds(Math.round(Math.min(seconds, (double) maximum.toSeconds())));
        }
    }
}
