package dev.millrace.stream;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.invoke.Backoff;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.OnFailure;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a mapping's members mean for the machines of its shards.
 *
 * @param batchSize most records in one batch
 * @param window {@code MaximumBatchingWindowInSeconds}; zero means none
 * @param tumblingWindow zero means none
 * @param lanes how records are spread over lanes
 * @param rules the retry settings
 * @param delivery what to do about discards; null without a destination
 * @param pacing how often the shard is read
 * @param maximumRecords records held at a time
 * @param savePace how often progress is stored
 */
public record ShardPolicy(
        int batchSize,
        Duration window,
        Duration tumblingWindow,
        Lanes lanes,
        FailureRules rules,
        @Nullable Delivery delivery,
        ReadPacing pacing,
        int maximumRecords,
        SavePace savePace) {

    /** A shard may hold this many records even where its batches are small, so that one read fills many of them. */
    private static final int LEAST_RECORDS = 10_000;

    /** Two batches for each lane: one with the function, and the next. */
    private static final int BATCHES_PER_LANE = 2;

    /**
     * How discards are told to the on-failure destination.
     *
     * @param timeout how long one is tried again
     * @param block whether the lane waits for as long as it takes; otherwise it goes on after the timeout, as AWS does
     */
    public record Delivery(Duration timeout, boolean block) {

        /** The pauses between attempts. */
        private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

        static Delivery of(OnFailure options) {
            return new Delivery(
                    options.delivery(), options.whenUndeliverable() == MappingOptions.WhenUndeliverable.BLOCK);
        }

        /**
         * When to deliver again what the destination did not take; empty when it is to be given up.
         *
         * @param since when it was tried first
         * @param failures how often the destination has not taken it
         * @param permanent whether another try would change nothing, as far as the destination can tell
         */
        Optional<Instant> again(Instant since, int failures, boolean permanent, Instant now, RandomGenerator random) {
            Instant latest = since.plus(timeout);
            if (!block && (permanent || !now.isBefore(latest))) {
                return Optional.empty();
            }
            Instant next = now.plus(PAUSES.pause(failures, random));
            return Optional.of(block || next.isBefore(latest) ? next : latest);
        }
    }

    /**
     * The policy of a stream mapping.
     *
     * @param pacing the source's
     * @param keying the source's
     * @param savePace the store's
     */
    public static ShardPolicy of(EventSourceMapping mapping, ReadPacing pacing, Keying keying, SavePace savePace) {
        if (!(mapping.source() instanceof StreamMembers members)) {
            throw new IllegalArgumentException("not a stream: " + mapping.eventSourceArn());
        }
        StreamOptions options = mapping.options().stream();
        int lanes = members.parallelizationFactor();
        return new ShardPolicy(
                mapping.batchSize(),
                mapping.maximumBatchingWindow(),
                members.tumblingWindow(),
                new Lanes(lanes, keying),
                FailureRules.of(members, options.retry()),
                members.onFailureDestination() == null ? null : Delivery.of(options.onFailure()),
                options.pollInterval() == null
                        ? pacing
                        : new ReadPacing(pacing.busy(), options.pollInterval(), pacing.longest()),
                options.maximumRecordsInFlight()
                        .orElse(Math.max(LEAST_RECORDS, BATCHES_PER_LANE * mapping.batchSize() * lanes)),
                savePace);
    }
}
