package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which shards of a stream may be processed: a shard only when each of its parents is done, so that no record of a key is
 * processed before the key's earlier ones (spec 3.3). A parent is done when all of it is settled. One that nobody ever named
 * but its children was forgotten by the source long ago; one that is known and not done is waited for, whether the newest
 * listing names it or not, since listings leave shards out by mistake. It is begun like any other: reading tells for certain
 * whether the source still has it. Where a closed shard seems to have no children, listings leave out some now, and a parent
 * that nobody ever named may be one of them. Immutable.
 *
 * @param listed every shard that the source has named when it was asked last, by id
 * @param missing shards that the source did not name then, although they are known and were not done
 * @param stored what is known of shards that were begun
 * @param patchySince since when closed shards have seemed to have no children; null while they do not
 */
public record ShardLineage(
        Map<String, StreamShard> listed,
        Map<String, Missing> missing,
        Map<String, ShardProgress> stored,
        @Nullable Instant patchySince) {

    /** Nothing is known yet. */
    public static final ShardLineage NONE = new ShardLineage(Map.of(), Map.of(), Map.of(), null);

    /**
     * How long what a source says of a young shard, or leaves out, is not believed: a shard of unknown parents does not begin
     * without them, one that was never seen is not taken for gone, and a parent that nobody named is waited for. Sources that are not consistent are so for seconds.
     */
    static final Duration UNSETTLED = Duration.ofMinutes(5);

    /**
     * A shard that the newest listing does not name.
     *
     * @param shard as it was named last
     * @param begins when it may begin if its parents are done; later than at once while a listing may still name parents of
     *     it that nobody knows
     */
    public record Missing(StreamShard shard, Instant begins) {}

    public ShardLineage {
        listed = Map.copyOf(listed);
        missing = Map.copyOf(missing);
        stored = Map.copyOf(stored);
    }

    /** The same shards, of which this is stored. */
    public ShardLineage with(Map<String, ShardProgress> progress) {
        return new ShardLineage(listed, missing, progress, patchySince);
    }

    /** This as if the source had never named these. */
    public ShardLineage without(Set<String> shardIds) {
        Map<String, StreamShard> named = new HashMap<>(listed);
        named.keySet().removeAll(shardIds);
        Map<String, Missing> left = new HashMap<>(missing);
        left.keySet().removeAll(shardIds);
        return new ShardLineage(named, left, stored, patchySince);
    }

    /**
     * This and what the source has just listed.
     *
     * @param goesOn whether the stream has not ended: then each closed shard has children
     */
    public ShardLineage relisted(Collection<StreamShard> newest, boolean goesOn, Instant now) {
        Map<String, StreamShard> byId = new LinkedHashMap<>();
        newest.forEach(shard -> byId.put(shard.shardId(), shard));
        Map<String, Missing> left = new HashMap<>();
        stored.forEach((shardId, progress) -> left.put(shardId, unlisted(shardId, progress, now)));
        listed.forEach((shardId, shard) -> left.put(shardId, new Missing(shard, now)));
        left.putAll(missing);
        left.keySet().removeIf(shardId -> byId.containsKey(shardId) || isFinished(shardId));
        boolean patchy = goesOn && isPatchy(byId.values(), left.values());
        return new ShardLineage(byId, left, stored, patchy ? Objects.requireNonNullElse(patchySince, now) : null);
    }

    private static boolean isPatchy(Collection<StreamShard> listed, Collection<Missing> missing) {
        Set<String> parents = new HashSet<>();
        listed.forEach(shard -> parents.addAll(shard.parents()));
        missing.forEach(one -> parents.addAll(one.shard().parents()));
        return Stream.concat(listed.stream(), missing.stream().map(Missing::shard))
                .anyMatch(shard -> shard.closed() && !parents.contains(shard.shardId()));
    }

    /** A shard that only the store knows: if it has been begun, its parents were done. */
    private static Missing unlisted(String shardId, ShardProgress progress, Instant now) {
        StreamShard shard = new StreamShard(shardId, List.of(), false);
        return new Missing(shard, hasBegun(progress) ? now : now.plus(UNSETTLED));
    }

    private static boolean hasBegun(@Nullable ShardProgress progress) {
        return progress != null && progress.checkpoint().position() != null;
    }

    /** This and shards that a shard's end has named; they are not listed again for that. */
    public ShardLineage named(Collection<StreamShard> children) {
        Map<String, StreamShard> all = new LinkedHashMap<>(listed);
        children.forEach(child -> all.putIfAbsent(child.shardId(), child));
        Map<String, Missing> left = new HashMap<>(missing);
        left.keySet().removeAll(all.keySet());
        return new ShardLineage(all, left, stored, patchySince);
    }

    /** Shards that may begin, oldest first. */
    public List<StreamShard> ready(Set<String> running, Instant now) {
        return open(running)
                .filter(shard -> isPlaced(shard, now) && areDone(shard, running, now))
                .sorted(Comparator.comparing(StreamShard::shardId))
                .toList();
    }

    /** Shards that have to wait, for a parent or until parents of theirs are listed. */
    public Set<String> waiting(Set<String> running, Instant now) {
        return open(running)
                .filter(shard -> !isPlaced(shard, now) || !areDone(shard, running, now))
                .map(StreamShard::shardId)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Stream<StreamShard> open(Set<String> running) {
        return Stream.concat(listed.values().stream(), missing.values().stream().map(Missing::shard))
                .filter(shard -> !running.contains(shard.shardId()) && !isFinished(shard.shardId()));
    }

    private boolean isPlaced(StreamShard shard, Instant now) {
        Missing unlisted = missing.get(shard.shardId());
        return unlisted == null || !now.isBefore(unlisted.begins());
    }

    /** Whether the shard's parents are. */
    private boolean areDone(StreamShard shard, Set<String> running, Instant now) {
        boolean forgets = patchySince == null
                || !now.isBefore(patchySince.plus(UNSETTLED))
                || hasBegun(stored.get(shard.shardId()));
        return shard.parents().stream()
                .allMatch(parent -> isFinished(parent) || (forgets && !isKnown(parent) && !running.contains(parent)));
    }

    /** Whether the source has named the shard, or it was begun and not forgotten. */
    public boolean isKnown(String shardId) {
        return listed.containsKey(shardId) || missing.containsKey(shardId) || stored.containsKey(shardId);
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
     * @param retention how long the stream keeps records
     */
    public Set<String> forgettable(Duration retention, Instant now) {
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
