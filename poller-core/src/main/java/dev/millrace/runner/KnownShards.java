package dev.millrace.runner;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.runner.StartingPoints.Latest;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import dev.millrace.stream.ShardLineage;
import dev.millrace.stream.ShardNotice;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a mapping's stream as far as this node knows them: which the source has named, and what was stored of them
 * when that was read last. Owned by the coordinator's thread.
 */
final class KnownShards {

    /** How long nothing more must be named before a stream that has ended is taken for done: listings leave shards out for seconds. */
    static final Duration DONE_FOR = Duration.ofSeconds(10);

    /** Each further one waits for as long as all before have taken. */
    private static final Duration SOONEST_LOOK = Duration.ofSeconds(1);

    private final EventSourceMapping mapping;
    private final StreamParts parts;
    private final StreamSource source;
    private final CheckpointStore store;

    /** As of the last listing; what it says of progress is replaced by {@link #stored}. */
    private ShardLineage named = ShardLineage.NONE;
    /** Progress as loaded; of shards that were begun only that they are finished. */
    private final Map<String, ShardProgress> stored = new HashMap<>();

    private final Set<String> begun = new HashSet<>();
    private boolean loaded;
    /** Whether it ever was: from then on only the store says that the mapping has another stream. */
    private boolean wasLoaded;
    /** Since when every shard is done; null while one is not. */
    private @Nullable Instant doneSince;
    /** The stream whose shards these are, and when it was created. */
    private String arn = "";

    private @Nullable Instant created;

    private Instant mappingCreated = Instant.EPOCH;
    private Instant nextLook = Instant.MIN;

    KnownShards(StreamParts parts, CheckpointStore store) {
        this.mapping = parts.mapping();
        this.parts = parts;
        this.source = parts.source();
        this.store = store;
    }

    // ---- what is stored ----

    /** Whether what is stored is known, and where every shard begins with it. */
    boolean isLoaded() {
        return loaded;
    }

    /** Whether all is loaded, but of another stream, which may have had the same name before this one was created. */
    boolean areOfOther(StreamAttributes stream) {
        return loaded && (!arn.equals(source.arn()) || isOther(created, stream.created()));
    }

    /** Has the stream read on that was read last, where the mapping stands for one stream after the other. */
    void resume() throws StoreException, InterruptedException {
        store.load(mapping.uuid())
                .map(MappingProgress::eventSourceArn)
                .filter(source::standsFor)
                .ifPresent(source::goOnWith);
    }

    /** What is known means nothing any more. */
    void unload() {
        loaded = false;
    }

    private static boolean isOther(@Nullable Instant before, @Nullable Instant now) {
        // An older one is an answer that has gone stale.
        return before != null && now != null && now.isAfter(before);
    }

    /** Loads what is stored of the mapping; stores the shards' starting points if that is nothing, or of another stream. */
    void load(StreamAttributes stream, Collection<StreamShard> shards, Latest latest)
            throws SourceException, StoreException, InterruptedException {
        named = ShardLineage.NONE;
        stored.clear();
        begun.clear();
        doneSince = null;
        arn = source.arn();
        created = stream.created();
        Optional<MappingProgress> before = store.load(mapping.uuid());
        if (before.filter(this::isFollowed).isPresent()) {
            follow(before.get(), stream);
        } else if (wasLoaded && before.filter(this::isOfAnotherName).isPresent()) {
            // Replacing it would take away what that node has begun.
            throw new StoreException("another node has given mapping " + mapping.uuid() + " the stream "
                    + before.get().eventSourceArn() + ", and this one still has " + arn
                    + ". Nothing of it is polled here until this node's definition is the same. Where this node's is"
                    + " the right one, restart it");
        } else if (before.isEmpty() || isOfAnotherName(before.get())) {
            StreamMembers members = members();
            String replaced = before.map(progress -> ", instead of " + progress.eventSourceArn() + " as before")
                    .orElse("");
            create(
                    before.orElse(null),
                    stream,
                    StartingPoints.pinned(members, shards, latest, stream.retention(), now()),
                    "starts at " + members.startingPosition() + replaced);
        } else if (isOther(before.get().streamCreated(), stream.created())) {
            create(
                    before.get(),
                    stream,
                    Map.of(),
                    "the stream was deleted and created anew; its old positions mean nothing, so it is processed from"
                            + " its oldest record");
        } else {
            stored.putAll(before.get().shards());
            mappingCreated = before.get().created();
        }
        loaded = true;
        wasLoaded = true;
    }

    private void follow(MappingProgress before, StreamAttributes stream) throws StoreException, InterruptedException {
        Instant last = before.streamCreated();
        if (last != null && stream.created() != null && stream.created().isBefore(last)) {
            throw new StoreException(
                    "another node has gone over to " + before.eventSourceArn() + ", which is read next");
        }
        String detail = arn + " follows " + before.eventSourceArn() + "; it is processed from its oldest record";
        create(before, stream, Map.of(), detail);
        before.shards().forEach((shardId, progress) -> {
            if (!progress.finished()) {
                String lost = before.eventSourceArn()
                        + " was forgotten by the source before the shard was processed to its end";
                parts.observer()
                        .gap(shardId, new ShardNotice.Gap(progress.checkpoint().upTo(), null, lost));
            }
        });
    }

    /** Whether the mapping stands for one stream after the other, and its next one is read. */
    private boolean isFollowed(MappingProgress before) {
        return source.standsFor(before.eventSourceArn())
                && !before.eventSourceArn().equals(arn);
    }

    /**
     * Whether the mapping was given another stream. When both were created is not enough to tell them apart: some emulators
     * know whole seconds only.
     */
    private boolean isOfAnotherName(MappingProgress before) {
        return !place(arn).equals(place(before.eventSourceArn()));
    }

    /** Without the account, which emulators know by several numbers. */
    private static String place(String streamArn) {
        return Arn.parse(streamArn)
                .map(Arn::ofStream)
                .map(stream -> stream.region() + ":" + stream.resource())
                .orElse(streamArn);
    }

    private StreamMembers members() {
        if (mapping.source() instanceof StreamMembers members) {
            return members;
        }
        throw new IllegalStateException("not a stream: " + mapping.eventSourceArn());
    }

    private void create(
            @Nullable MappingProgress before, StreamAttributes stream, Map<String, ShardProgress> points, String detail)
            throws StoreException, InterruptedException {
        MappingProgress fresh = new MappingProgress(arn, now(), stream.created(), points);
        if (!store.create(mapping.uuid(), fresh, before)) {
            throw new StoreException("another node has created mapping " + mapping.uuid() + " at the same time; what it"
                    + " has stored is loaded next");
        }
        stored.putAll(points);
        mappingCreated = fresh.created();
        parts.observer().noted("Created", detail + "; shards pinned: " + points.size());
    }

    /** Finished shards that need not be remembered any more. */
    Set<String> forgettable(Duration retention) {
        return lineage().forgettable(retention, now());
    }

    /** Forgets these, here and in the store. */
    void forget(Set<String> old) throws StoreException, InterruptedException {
        store.forget(mapping.uuid(), old);
        old.forEach(stored::remove);
        begun.removeAll(old);
    }

    /**
     * Loads what other nodes have stored.
     *
     * @param running shards that run here: what is known of them is newer
     * @return false when the mapping has been created anew: nothing that is known holds
     */
    boolean reload(Set<String> running) throws StoreException, InterruptedException {
        Optional<MappingProgress> now = store.load(mapping.uuid());
        if (now.isEmpty() || !now.get().created().equals(mappingCreated)) {
            return false;
        }
        Set<String> forgotten = new HashSet<>();
        stored.forEach((shardId, progress) -> {
            if (progress.finished()) {
                forgotten.add(shardId);
            }
        });
        forgotten.removeAll(now.get().shards().keySet());
        // Another node has forgotten them, so that nobody would know any more that they are finished.
        named = named.without(forgotten);
        stored.keySet().retainAll(running);
        now.get().shards().forEach((shardId, progress) -> {
            if (!running.contains(shardId)) {
                stored.put(shardId, progress);
            }
        });
        begun.retainAll(running);
        return true;
    }

    /** When the mapping was created; of use after {@link #load} only. */
    Instant created() {
        return mappingCreated;
    }

    // ---- which there are ----

    /**
     * The source has listed these.
     *
     * @param goesOn whether the stream has not ended
     */
    void listed(Collection<StreamShard> shards, boolean goesOn) {
        named = lineage().relisted(shards, goesOn, now());
    }

    /** A look is over that began then. */
    void looked(Instant began) {
        nextLook = now().plus(Duration.between(began, now()));
    }

    /** When the next look may be made, whatever asks for it: they take half of the time at most. */
    Instant nextLook() {
        return nextLook;
    }

    /** How long until the next look: sooner at first where the last listing has left out shards. */
    Duration untilLook(Duration regular) {
        Instant patchySince = named.patchySince();
        if (patchySince == null) {
            return regular;
        }
        Duration doubled = Duration.between(patchySince, now());
        Duration soon = doubled.compareTo(SOONEST_LOOK) < 0 ? SOONEST_LOOK : doubled;
        return soon.compareTo(regular) < 0 ? soon : regular;
    }

    /**
     * A shard is finished, and that is stored; answers whether it is known what follows. If not, the listing will tell:
     * nobody has named its children, or not what else they have to wait for.
     */
    boolean finished(String shardId, ShardProgress progress, List<StreamShard> children) {
        stored.put(shardId, progress);
        boolean placed = arePlaced(children);
        if (placed) {
            named = named.named(children);
        }
        return placed;
    }

    /**
     * Whether it is known of every parent of these whether it is done. One that nobody has named is taken for forgotten by
     * the source, but it may also be younger than the listing.
     */
    private boolean arePlaced(List<StreamShard> children) {
        ShardLineage lineage = lineage();
        return !children.isEmpty()
                && children.stream().flatMap(child -> child.parents().stream()).allMatch(lineage::isKnown);
    }

    /** Shards that may begin, oldest first; none before all is loaded. */
    List<StreamShard> ready(Set<String> running) {
        return loaded ? lineage().ready(running, now()) : List.of();
    }

    /**
     * How long until every record of every shard counts as processed: zero when it is, and has been for {@link #DONE_FOR} without
     * that the source named more; null while it is not. To be asked after each listing.
     */
    @Nullable
    Duration untilDone(Set<String> running) {
        if (!loaded || !running.isEmpty() || !ready(running).isEmpty() || waiting(running) != 0) {
            doneSince = null;
            return null;
        }
        Instant since = doneSince == null ? now() : doneSince;
        doneSince = since;
        Duration left = Duration.between(now(), since.plus(DONE_FOR));
        return left.isPositive() ? left : Duration.ZERO;
    }

    /** How many shards have to wait for others. */
    int waiting(Set<String> running) {
        return lineage().waiting(running, now()).size();
    }

    /** Shards that run although the source does not list them any more. */
    Set<String> gone(Set<String> running) {
        return lineage().gone(running);
    }

    /** Where a shard begins if the store has nothing else; null when it has begun here before, so that the store has to say. */
    @Nullable
    ShardProgress start(StreamShard shard) {
        if (hasBegun(shard.shardId())) {
            return null;
        }
        ShardProgress known = stored.get(shard.shardId());
        return known == null || known.equals(StartingPoints.OLDEST)
                ? StartingPoints.after(shard.parents(), stored)
                : known;
    }

    /** Whether the shard has begun here since the last look, so that the store has to say where it begins. */
    boolean hasBegun(String shardId) {
        return begun.contains(shardId);
    }

    /** A shard runs here from now on, so that what was loaded of it does not hold. */
    void begun(String shardId) {
        stored.remove(shardId);
        begun.add(shardId);
    }

    private ShardLineage lineage() {
        return named.with(stored);
    }

    private Instant now() {
        return parts.clock().instant();
    }
}
