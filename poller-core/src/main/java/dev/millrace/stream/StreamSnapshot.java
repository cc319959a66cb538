package dev.millrace.stream;

import dev.millrace.source.SourceProblem;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream mapping as operators see it.
 *
 * @param phase what the mapping is doing
 * @param shards those that are processed here, by shard id
 * @param restarting shards whose runner died of a defect and has not started again
 * @param waitingShards shards that are known and wait for their parents
 * @param problem why the stream cannot be described or its shards cannot be listed; null when all is well
 */
public record StreamSnapshot(
        Phase phase,
        Map<String, ShardSnapshot> shards,
        Set<String> restarting,
        int waitingShards,
        @Nullable SourceProblem problem) {

    public StreamSnapshot {
        shards = Map.copyOf(shards);
        restarting = Set.copyOf(restarting);
    }

    /** What a stream mapping is doing. */
    public enum Phase {
        /** Its shards are not known yet, or their starting points are not stored yet. */
        STARTING,
        RUNNING,
        STOPPING,
        FINISHED
    }

    /** Whether every shard that is processed here can be read and is processed. */
    public boolean healthy() {
        return phase == Phase.RUNNING
                && problem == null
                && restarting.isEmpty()
                && shards.values().stream().allMatch(shard -> shard.problem() == null);
    }
}
