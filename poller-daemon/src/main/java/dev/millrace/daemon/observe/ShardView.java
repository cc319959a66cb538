package dev.millrace.daemon.observe;

import dev.millrace.stream.ShardSnapshot;
import dev.millrace.stream.ShardSnapshot.Activity;
import dev.millrace.stream.ShardSnapshot.LaneSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A shard as its gauges show it. Times are in seconds, as Prometheus wants them.
 *
 * @param iteratorAge of the shard's last invocation; null before the first one
 * @param at when it was so
 */
record ShardView(ShardSnapshot shard, @Nullable Duration iteratorAge, Instant at) {

    /** NaN when not known. */
    double iteratorAgeSeconds() {
        return seconds(iteratorAge);
    }

    /** NaN when not known. */
    double behindLatest() {
        return seconds(shard.behindLatest());
    }

    /** How long ago the oldest record arrived that is not settled, or may have arrived that is not read; NaN when not known. */
    double checkpointAge() {
        Instant upTo = shard.checkpoint().upTo();
        return upTo == null ? Double.NaN : since(upTo);
    }

    /** Lanes that do any of these. */
    int lanes(Activity... activities) {
        return (int) shard.lanes().stream()
                .filter(lane -> Arrays.asList(activities).contains(lane.activity()))
                .count();
    }

    /** Lanes that make no progress because of failures. */
    int blockedLanes() {
        return (int) shard.lanes().stream()
                .filter(lane -> lane.blockedSince() != null)
                .count();
    }

    /** How long the lane that was blocked first has been so; 0 when none is. */
    double blocked() {
        return shard.lanes().stream()
                .map(LaneSnapshot::blockedSince)
                .filter(Objects::nonNull)
                .mapToDouble(this::since)
                .max()
                .orElse(0);
    }

    /** The most invocations that a batch under way has had. */
    int attempts() {
        return shard.lanes().stream().mapToInt(LaneSnapshot::attempt).max().orElse(0);
    }

    /** Time left until a record under way is lost to age or retention; infinite when none is. */
    double expiry() {
        return shard.lanes().stream()
                .map(shard::lostAt)
                .flatMap(Optional::stream)
                .mapToDouble(lost -> Math.max(0, seconds(Duration.between(at, lost))))
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private double since(Instant then) {
        return Math.max(0, seconds(Duration.between(then, at)));
    }

    private static double seconds(@Nullable Duration duration) {
        return duration == null ? Double.NaN : duration.toMillis() / 1000.0;
    }
}
