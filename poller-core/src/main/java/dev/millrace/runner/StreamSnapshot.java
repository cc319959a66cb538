package dev.millrace.runner;

import dev.millrace.coordination.Coordination;
import dev.millrace.stream.ShardSnapshot;
import java.util.Map;
import java.util.Set;

/**
 * A stream mapping as operators see it.
 *
 * @param phase what the mapping is doing
 * @param shards those that are processed here, by shard id
 * @param starting shards that are about to start, or wait to start again after a defect or while the store cannot be read
 * @param coordination what is known of the stream itself
 */
public record StreamSnapshot(
        Phase phase, Map<String, ShardSnapshot> shards, Set<String> starting, Coordination coordination) {

    public StreamSnapshot {
        shards = Map.copyOf(shards);
        starting = Set.copyOf(starting);
    }

    /** What a stream mapping is doing. */
    public enum Phase {
        /** Its shards are not known yet, or their starting points are not stored yet. */
        STARTING,
        RUNNING,
        STOPPING
    }

    /** Whether the stream can be looked at and every shard that is processed here can be read. */
    public boolean healthy() {
        return phase == Phase.RUNNING
                && coordination.trouble() == null
                && starting.isEmpty()
                && shards.values().stream().allMatch(shard -> shard.problem() == null);
    }
}
