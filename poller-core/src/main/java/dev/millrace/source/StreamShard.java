package dev.millrace.source;

import java.util.List;

/**
 * One shard of a stream as the source lists it.
 *
 * @param shardId as the source names it
 * @param parents shards whose records come before this one's: one after a split, two after a merge, none for a shard that
 *     was created with its stream. May name shards that the source no longer lists: they are trimmed
 * @param closed true when the source knows that no record will be added
 */
public record StreamShard(String shardId, List<String> parents, boolean closed) {

    public StreamShard {
        parents = List.copyOf(parents);
    }
}
