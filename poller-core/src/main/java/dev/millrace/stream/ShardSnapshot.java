package dev.millrace.stream;

import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shard machine as operators see it.
 *
 * @param phase what the shard is doing
 * @param health what the function's circuit breaker allows
 * @param checkpoint how far the shard is settled
 * @param readFrom where the next read begins
 * @param behindLatest how far the last read was behind the tip of the shard; null when that is not known
 * @param retention how long the stream keeps a record; null while that is not known
 * @param heldRecords records read and not settled
 * @param heldBytes their serialised size
 * @param unsaved settled batches that are not stored yet
 * @param lanes as many as the parallelization factor
 * @param problem why the shard cannot be read; null when all is well
 */
public record ShardSnapshot(
        Phase phase,
        FunctionHealth health,
        ShardCheckpoint checkpoint,
        ReadPosition readFrom,
        @Nullable Duration behindLatest,
        @Nullable Duration retention,
        int heldRecords,
        long heldBytes,
        int unsaved,
        List<LaneSnapshot> lanes,
        @Nullable SourceProblem problem) {

    public ShardSnapshot {
        lanes = List.copyOf(lanes);
    }

    /** When the source forgets the first record of the lane's batch under way; empty when that is not known. */
    public Optional<Instant> trimmedAt(LaneSnapshot lane) {
        return retention == null || lane.firstArrival() == null
                ? Optional.empty()
                : Optional.of(lane.firstArrival().plus(retention));
    }

    /** When the first record of the lane's batch is lost to its age or to the source's retention, whichever is first. */
    public Optional<Instant> lostAt(LaneSnapshot lane) {
        return Stream.of(trimmedAt(lane), Optional.ofNullable(lane.expiresAt()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    /** What a shard is doing. */
    public enum Phase {
        RUNNING,
        /** The source has no more records of the shard; what was read is being processed. */
        DRAINING,
        STOPPING,
        FINISHED
    }

    /** What a lane is doing. */
    public enum Activity {
        /** Nothing to do, or collecting records until the batching window ends. */
        COLLECTING,
        INVOKING,
        /** An invocation failed; the next one waits for {@code retryAt}. */
        BACKING_OFF,
        /** A batch waits because the circuit breaker is open, or until progress is stored. */
        WAITING,
        /** Records were given up, and the on-failure destination is told. */
        DELIVERING,
        /** The destination did not take the discard; it is tried again at {@code retryAt}. */
        UNDELIVERED
    }

    /**
     * One lane.
     *
     * @param lane from 0
     * @param first of the batch under way; null when none is
     * @param last of the batch under way
     * @param batchSize records of the batch under way
     * @param attempt invocations of the batch under way so far, with the one in flight
     * @param lastError why the batch under way failed last; null when it did not
     * @param blockedSince since when the lane makes no progress because of failures; null when it does
     * @param retryAt when the next attempt is due; null when none waits
     * @param expiresAt when the first record of the batch under way is given up because of its age; null when never
     * @param firstArrival when that record arrived; with the retention it tells when the source forgets it
     * @param waiting records behind the batch under way
     */
    public record LaneSnapshot(
            int lane,
            Activity activity,
            @Nullable SequenceNumber first,
            @Nullable SequenceNumber last,
            int batchSize,
            int attempt,
            @Nullable String lastError,
            @Nullable Instant blockedSince,
            @Nullable Instant retryAt,
            @Nullable Instant expiresAt,
            @Nullable Instant firstArrival,
            int waiting) {}
}
