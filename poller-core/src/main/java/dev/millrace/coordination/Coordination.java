package dev.millrace.coordination;

import dev.millrace.coordination.Placement.Owner;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator knows of its stream, for people.
 *
 * @param started the shards are known and their starting points stored
 * @param waitingShards shards that wait for their parents
 * @param unowned shards that may be processed and are not, on any node
 * @param owners who processes which shard, where several nodes share them; empty where there is one
 * @param trouble why the stream cannot be looked at, its progress not be loaded, or nothing comes into it any more; null when
 *     all is well
 */
public record Coordination(
        boolean started,
        int waitingShards,
        int unowned,
        Map<String, Owner> owners,
        @Nullable Trouble trouble) {

    /** Nothing is known yet. */
    public static final Coordination NONE = new Coordination(false, 0, 0, Map.of(), null);

    public Coordination {
        owners = Map.copyOf(owners);
    }

    /**
     * Something that keeps the coordinator from its work; it tries again by itself. Or the end of the stream.
     *
     * @param kind short and stable, such as {@code source trouble: NOT_FOUND} or {@code stream ended}
     * @param message for people
     */
    public record Trouble(String kind, String message) {}
}
