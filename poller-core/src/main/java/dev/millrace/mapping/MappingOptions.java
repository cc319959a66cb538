package dev.millrace.mapping;

import dev.millrace.config.AwsOverride;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a mapping that AWS does not have, written below the key {@code Millrace}. Without them a mapping behaves
 * as at AWS, except that concurrency grows as fast as queue and function allow ({@link GrowthPreset#FAST}).
 *
 * @param queue those of queues; the defaults for a stream
 * @param stream those of streams; the defaults for a queue
 * @param maximumBytesInFlight bound on the serialised bytes held at a time; 0 means the daemon's share
 * @param aws where and with which credentials source and destination are called; none but the daemon's by default
 */
public record MappingOptions(QueueOptions queue, StreamOptions stream, long maximumBytesInFlight, AwsOverride aws) {

    public static final MappingOptions DEFAULT = new MappingOptions(QueueOptions.DEFAULT, StreamOptions.DEFAULT, 0);

    /** Options with the daemon's AWS settings. */
    public MappingOptions(QueueOptions queue, StreamOptions stream, long maximumBytesInFlight) {
        this(queue, stream, maximumBytesInFlight, AwsOverride.NONE);
    }

    /**
     * SQS.
     *
     * @param heartbeat extend the visibility timeout while the function runs; null means off
     * @param retryBackoff change a failed message's visibility by its receive count; null means off
     * @param releaseOnShutdown make unfinished messages visible at once when the daemon stops
     * @param growth how fast concurrency grows while there is work
     * @param growthPerMinute own rate in concurrent invocations per minute; overrides the preset's
     * @param waitTime of a long poll, 1 to 20 s
     */
    public record QueueOptions(
            @Nullable Heartbeat heartbeat,
            @Nullable RetryBackoff retryBackoff,
            boolean releaseOnShutdown,
            GrowthPreset growth,
            OptionalInt growthPerMinute,
            Duration waitTime) {

        public static final QueueOptions DEFAULT =
                new QueueOptions(null, null, false, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(20));
    }

    /**
     * Kinesis and DynamoDB Streams.
     *
     * @param retry pauses between the attempts of a batch
     * @param pollInterval from the start of one read of a shard to the next one's while no more records are waiting, 200
     *     ms to 60 s; null means the source's own
     * @param onFailure what becomes of a discard whose destination does not take it
     * @param includePayload the invocation record carries the event as well, as far as it fits
     * @param deaggregate take records of the Kinesis Producer Library apart; Kinesis only
     * @param maximumRecordsInFlight bound on the records held of one shard, not below the batch size; empty means derived
     *     from the other settings
     */
    public record StreamOptions(
            Retry retry,
            @Nullable Duration pollInterval,
            OnFailure onFailure,
            boolean includePayload,
            boolean deaggregate,
            OptionalInt maximumRecordsInFlight) {

        public static final StreamOptions DEFAULT =
                new StreamOptions(Retry.DEFAULT, null, OnFailure.DEFAULT, false, false, OptionalInt.empty());
    }

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

    /**
     * The pauses between the attempts of a stream's batch: doubling, half of each drawn at random. AWS's curve is not
     * documented; the default fits what was recorded (spec 4.2).
     *
     * @param base pause after the first failure, 10 ms to 60 s
     * @param maximum bound of every pause, {@code base} to 3,600 s
     */
    public record Retry(Duration base, Duration maximum) {
        public static final Retry DEFAULT = new Retry(Duration.ofMillis(500), Duration.ofSeconds(60));
    }

    /**
     * What becomes of a discard whose on-failure destination does not take it.
     *
     * @param delivery how long a delivery is tried again before it counts as undeliverable, 0 to 604,800 s
     * @param whenUndeliverable what happens then
     */
    public record OnFailure(Duration delivery, WhenUndeliverable whenUndeliverable) {
        public static final OnFailure DEFAULT = new OnFailure(Duration.ofSeconds(60), WhenUndeliverable.CONTINUE);
    }

    /** What happens to records that were given up and whose destination cannot be told of them. */
    public enum WhenUndeliverable {
        /** They are counted, logged and dropped, and the lane goes on, as at AWS (spec 4.6). */
        CONTINUE,
        /** The delivery is tried until it succeeds; the lane waits. */
        BLOCK
    }
}
