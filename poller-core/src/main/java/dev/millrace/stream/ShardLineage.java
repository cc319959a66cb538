package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which shards of a stream may be processed: a shard only when each of its parents is done, so that no record of a key is
 * processed before the key's earlier ones (spec 3.3). A parent is done when all of it is settled, or when the source has
 * forgotten it. Immutable.
 *
 * @param listed every shard that the source has, by id
 * @param stored what is known of shards that were begun
 */
public record ShardLineage(Map<String, StreamShard> listed, Map<String, ShardProgress> stored) {

    public ShardLineage {
        listed = Map.copyOf(listed);
        stored = Map.copyOf(stored);
    }

    /** The lineage of what the source has just listed. */
    public static ShardLineage of(Collection<StreamShard> listed, Map<String, ShardProgress> stored) {
        Map<String, StreamShard> byId = new LinkedHashMap<>();
        listed.forEach(shard -> byId.put(shard.shardId(), shard));
        return new ShardLineage(byId, stored);
    }

    /** Shards that may begin, oldest first. */
    public List<StreamShard> ready(Set<String> running) {
        return listed.values().stream()
                .filter(shard -> !running.contains(shard.shardId()) && !isFinished(shard.shardId()))
                .filter(shard -> shard.parents().stream().allMatch(parent -> isDone(parent, running)))
                .sorted((a, b) -> a.shardId().compareTo(b.shardId()))
                .toList();
    }

    /** Shards that have to wait for a parent. */
    public Set<String> waiting(Set<String> running) {
        return listed.values().stream()
                .filter(shard -> !running.contains(shard.shardId()) && !isFinished(shard.shardId()))
                .filter(shard -> !shard.parents().stream().allMatch(parent -> isDone(parent, running)))
                .map(StreamShard::shardId)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean isDone(String parent, Set<String> running) {
        return isFinished(parent) || (!listed.containsKey(parent) && !running.contains(parent));
    }

    private boolean isFinished(String shardId) {
        ShardProgress progress = stored.get(shardId);
        return progress != null && progress.finished();
    }

    /** Shards that run although the source does not list them any more. */
    public Set<String> gone(Set<String> running) {
        return running.stream().filter(shardId -> !listed.containsKey(shardId)).collect(Collectors.toSet());
    }

    /**
     * Finished shards that need not be remembered. A shard that is not listed might be listed again by a source that is not
     * consistent, and would start anew: it is forgotten only when its records cannot be there any more.
     *
     * @param retention how long the stream keeps records; null while that is not known
     */
    public Set<String> forgettable(@Nullable Duration retention, Instant now) {
        if (retention == null) {
            return Set.of();
        }
        return stored.entrySet().stream()
                .filter(entry -> entry.getValue().finished() && !listed.containsKey(entry.getKey()))
                .filter(entry -> {
                    Instant upTo = entry.getValue().checkpoint().upTo();
                    return upTo != null && upTo.plus(retention).isBefore(now);
                })
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
