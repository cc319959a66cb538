package dev.millrace.checkpoint;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of one stream mapping.
 *
 * @param eventSourceArn the stream
 * @param created when the mapping was created
 * @param streamCreated when the stream was created, as the source said; null when it did not say
 * @param shards by shard id; a shard that is not among them has not been begun and starts at its oldest record
 */
public record MappingProgress(
        String eventSourceArn, Instant created, @Nullable Instant streamCreated, Map<String, ShardProgress> shards) {

    public MappingProgress {
        shards = Map.copyOf(shards);
    }

    /** Whether both are of one creation of the mapping, however far it was processed. */
    public boolean isSameCreation(MappingProgress other) {
        return eventSourceArn.equals(other.eventSourceArn) && created.equals(other.created);
    }

    /** Whether nothing was there and is there, or both are of one creation. */
    public static boolean areSame(@Nullable MappingProgress before, @Nullable MappingProgress now) {
        if (before == null) {
            return now == null;
        }
        return now != null && before.isSameCreation(now);
    }
}
