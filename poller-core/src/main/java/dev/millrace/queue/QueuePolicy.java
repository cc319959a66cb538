package dev.millrace.queue;

import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.VisibilityNeed;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * What a mapping's members mean for its queue machine.
 *
 * @param batchSize most messages in one batch
 * @param window most time from the first message of a batch to its invocation; zero means none
 * @param functionTimeout how long an invocation may take, by whichever version of the function
 * @param scaling bounds and pace of concurrency
 * @param minimumReceives long polls kept open while there is nothing to do
 * @param maximumBytes most serialised bytes held before receiving stops
 * @param options our own settings
 */
public record QueuePolicy(
        int batchSize,
        Duration window,
        Duration functionTimeout,
        Scaling scaling,
        int minimumReceives,
        long maximumBytes,
        QueueOptions options) {

    /** AWS starts with this many concurrent batches (spec 3.4). */
    static final int START = 5;
    /** AWS shrinks an idle mapping to this many, unless MaximumConcurrency is set (spec 3.4). */
    static final int IDLE = 2;
    /** AWS's ceiling of concurrent invocations per mapping (spec 3.4). */
    static final int CEILING = 1_250;
    /** Concurrent invocations that one provisioned poller handles (spec 3.6). */
    static final int PER_POLLER = 10;
    /** AWS's growth: 300 concurrent invocations a minute, 1,000 in provisioned mode (spec 3.4, 3.6). */
    static final int AWS_GROWTH = 300;

    static final int AWS_PROVISIONED_GROWTH = 1_000;
    /** Default and maximum of provisioned pollers (spec 1.1). */
    static final int DEFAULT_MAXIMUM_POLLERS = 200;

    /**
     * Bounds and pace of concurrency.
     *
     * @param floor never below this while idle or after errors
     * @param start at the beginning
     * @param ceiling never above; 0 when the function is disabled
     * @param growthPerMinute pace while there is work; empty means as fast as queue and function allow
     */
    public record Scaling(int floor, int start, int ceiling, OptionalInt growthPerMinute) {}

    /**
     * @param functionLimit invocations that the function takes at a time: more batches could only be throttled
     * @param bytesShare used when the mapping sets no bound of its own
     */
    public static QueuePolicy of(
            EventSourceMapping mapping, Duration functionTimeout, OptionalInt functionLimit, long bytesShare) {
        if (!(mapping.source() instanceof QueueMembers members)) {
            throw new IllegalArgumentException("not a queue: " + mapping.eventSourceArn());
        }
        QueueOptions options = mapping.options().queue();
        long bytes = mapping.options().maximumBytesInFlight();
        return new QueuePolicy(
                mapping.batchSize(),
                mapping.maximumBatchingWindow(),
                functionTimeout,
                scaling(members, options, functionLimit),
                members.minimumPollers().orElse(options.growth() == GrowthPreset.AWS ? IDLE : 1),
                bytes > 0 ? bytes : bytesShare,
                options);
    }

    /** What the queue's visibility timeout must cover. */
    VisibilityNeed visibilityNeed() {
        return new VisibilityNeed(window, functionTimeout, options.heartbeat() != null);
    }

    private static Scaling scaling(QueueMembers members, QueueOptions options, OptionalInt functionLimit) {
        boolean provisioned =
                members.minimumPollers().isPresent() || members.maximumPollers().isPresent();
        int floor;
        int start;
        int ceiling;
        if (provisioned) {
            floor = PER_POLLER * members.minimumPollers().orElse(2);
            start = floor;
            ceiling = PER_POLLER * members.maximumPollers().orElse(DEFAULT_MAXIMUM_POLLERS);
        } else {
            ceiling = members.maximumConcurrency().orElse(CEILING);
            floor = members.maximumConcurrency().isPresent() ? START : IDLE;
            start = START;
        }
        ceiling = Math.min(ceiling, functionLimit.orElse(ceiling));
        OptionalInt growth = options.growthPerMinute();
        if (growth.isEmpty() && options.growth() == GrowthPreset.AWS) {
            growth = OptionalInt.of(provisioned ? AWS_PROVISIONED_GROWTH : AWS_GROWTH);
        }
        return new Scaling(Math.min(floor, ceiling), Math.min(start, ceiling), ceiling, growth);
    }
}
