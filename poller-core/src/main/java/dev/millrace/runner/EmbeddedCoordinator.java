package dev.millrace.runner;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.ShardCoordinator;
import dev.millrace.coordination.ShardHost;
import dev.millrace.coordination.ShardLease;
import dev.millrace.coordination.ShardRun;
import dev.millrace.invoke.Backoff;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import dev.millrace.stream.ShardLineage;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of one node: processes every shard of the stream whose parents are done, and keeps progress in the
 * embedded store. One virtual thread lists the shards and begins them; everything else reaches it through a mailbox.
 */
public final class EmbeddedCoordinator implements ShardCoordinator {

    /** How often the shards are listed when no shard's end asks for it: finds shards that nobody named. */
    private static final Duration LIST_EVERY = Duration.ofMinutes(1);

    private static final ShardProgress OLDEST = ShardProgress.startingAt(new ReadPosition.TrimHorizon());

    private static final Backoff STORE_AGAIN = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    /** What one call to the source may take, the many pages of a large stream's list included. */
    private static final Duration CALL_WITHIN = Duration.ofSeconds(30);

    private static final Duration STALLED = LIST_EVERY.plusSeconds(60);
    /** How long what runs may go on when its stream turns out to be another one. */
    private static final Duration END_OF_REPLACED = Duration.ofSeconds(10);

    private final StreamParts parts;
    private final EventSourceMapping mapping;
    private final UUID uuid;
    private final StreamSource source;
    private final CheckpointStore store;
    private final BlockingQueue<Wish> mailbox = new LinkedBlockingQueue<>();
    private final Map<String, ShardRun> running = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant stopDeadline;
    private volatile Instant lastTurn;
    private volatile Coordination coordination = Coordination.NONE;

    // Of the thread alone.
    /** As of the last listing; what it says of progress is replaced by {@link #stored}. */
    private ShardLineage shardsKnown = ShardLineage.NONE;
    /** Progress as loaded; of shards that were begun only that they are finished. */
    private final Map<String, ShardProgress> stored = new HashMap<>();

    private final Set<String> begun = new HashSet<>();
    private boolean loaded;
    /** When the stream was created whose shards are processed. */
    private @Nullable Instant created;

    private @Nullable Duration retention;
    private int failures;

    /** What the thread is asked to do. */
    private sealed interface Wish {
        /** A shard is finished; these follow it. */
        record Finished(String shardId, ShardProgress progress, List<StreamShard> children) implements Wish {}

        record Ended(String shardId) implements Wish {}

        record Stop() implements Wish {}
    }

    public EmbeddedCoordinator(StreamParts parts, CheckpointStore store) {
        this.parts = parts;
        this.mapping = parts.mapping();
        this.uuid = mapping.uuid();
        this.source = parts.source();
        this.store = store;
        this.lastTurn = parts.clock().instant();
    }

    @Override
    public void start(ShardHost host) {
        thread = Thread.ofVirtual().name("mapping/" + uuid).start(() -> run(host));
    }

    private void run(ShardHost host) {
        try {
            Crashes crashes = new Crashes();
            Duration pause = Duration.ZERO;
            Instant began = parts.clock().instant();
            while (true) {
                try {
                    await(pause, host);
                    if (stopDeadline != null) {
                        return;
                    }
                    pause = turn(host);
                } catch (RuntimeException | Error defect) {
                    pause = crashes.pause(began, parts.clock().instant());
                    parts.observer().crashed(null, defect, pause);
                    began = parts.clock().instant();
                }
                lastTurn = parts.clock().instant();
            }
        } catch (InterruptedException e) {
            // Interrupted means stop.
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    /** Looks at the stream and begins what may begin; answers how long until the next look. */
    private Duration turn(ShardHost host) throws InterruptedException {
        try {
            StreamAttributes attributes = limited(source::describe);
            retention = attributes.retention();
            host.described(attributes);
            if (isHeldByAnotherStream(attributes)) {
                return LIST_EVERY;
            }
            Collection<StreamShard> shards = limited(source::shards);
            if (!loaded) {
                load(attributes, shards);
                loaded = true;
            }
            shardsKnown = lineage().relisted(shards, parts.clock().instant());
            // First, since what is forgotten tells its children from when on records may be missing.
            begin(host);
            forget();
            lineage()
                    .gone(running.keySet())
                    .forEach(
                            shardId -> Optional.ofNullable(running.get(shardId)).ifPresent(ShardRun::shardGone));
            failures = 0;
            known(null);
            return LIST_EVERY;
        } catch (SourceException e) {
            known(new Coordination.Trouble(
                    "source trouble: " + e.problem().kind(), e.problem().message()));
            Duration pause = e.problem().kind().pauses().pause(++failures, ThreadLocalRandom.current());
            parts.observer().streamTrouble(e.problem(), pause);
            return pause;
        } catch (StoreException e) {
            known(new Coordination.Trouble("store trouble", String.valueOf(e.getMessage())));
            Duration pause = STORE_AGAIN.pause(++failures, ThreadLocalRandom.current());
            parts.observer().storeTrouble(String.valueOf(e.getMessage()), pause);
            return pause;
        }
    }

    /** A source's client need not have a time limit; a connection that hangs must not end the looking for shards. */
    private <T> T limited(TimeLimit.Call<T> call) throws SourceException, InterruptedException {
        T answer = TimeLimit.within(CALL_WITHIN, mapping.eventSourceArn().toString(), call);
        lastTurn = parts.clock().instant();
        return answer;
    }

    /**
     * Whether shards run that are of another stream: this one was created anew under the same name, and its shards have the
     * same ids. They end before those of this one begin; what is with the function may finish, since nobody could read it
     * again.
     */
    private boolean isHeldByAnotherStream(StreamAttributes attributes) {
        if (loaded && isOther(created, attributes.created())) {
            loaded = false;
            Instant deadline = parts.clock().instant().plus(END_OF_REPLACED);
            running.values().forEach(run -> run.stop(deadline));
        }
        return !loaded && !running.isEmpty();
    }

    private static boolean isOther(@Nullable Instant before, @Nullable Instant now) {
        return before != null && now != null && !before.equals(now);
    }

    private void known(Coordination.@Nullable Trouble trouble) {
        int waiting =
                lineage().waiting(running.keySet(), parts.clock().instant()).size();
        coordination = new Coordination(loaded, waiting, trouble);
    }

    private ShardLineage lineage() {
        return shardsKnown.with(stored);
    }

    // ---- what is stored ----

    private void load(StreamAttributes attributes, Collection<StreamShard> shards)
            throws SourceException, StoreException, InterruptedException {
        shardsKnown = ShardLineage.NONE;
        stored.clear();
        begun.clear();
        created = attributes.created();
        Optional<MappingProgress> before = store.load(uuid);
        if (before.isEmpty() || isOfAnotherName(before.get())) {
            String replaced = before.map(progress -> ", instead of " + progress.eventSourceArn() + " as before")
                    .orElse("");
            create(
                    attributes,
                    startingPoints(attributes, shards),
                    "starts at " + members().startingPosition() + replaced);
        } else if (isOther(before.get().streamCreated(), attributes.created())) {
            create(
                    attributes,
                    Map.of(),
                    "the stream was deleted and created anew; its old positions mean nothing, so it is processed from"
                            + " its oldest record");
        } else {
            stored.putAll(before.get().shards());
        }
    }

    /**
     * Whether the mapping was given another stream. When both were created is not enough to tell them apart: some emulators
     * know whole seconds only.
     */
    private boolean isOfAnotherName(MappingProgress before) {
        String name = mapping.eventSourceArn().ofStream().resource();
        return Arn.parse(before.eventSourceArn())
                .filter(arn -> !arn.ofStream().resource().equals(name))
                .isPresent();
    }

    private StreamMembers members() {
        if (mapping.source() instanceof StreamMembers members) {
            return members;
        }
        throw new IllegalStateException("not a stream: " + mapping.eventSourceArn());
    }

    private void create(StreamAttributes attributes, Map<String, ShardProgress> points, String detail)
            throws StoreException, InterruptedException {
        store.create(
                uuid,
                new MappingProgress(
                        mapping.eventSourceArn().toString(), parts.clock().instant(), attributes.created(), points));
        stored.putAll(points);
        parts.observer().noted("Created", detail + "; shards pinned: " + points.size());
    }

    /** Where the shards that exist now begin, in a form that means the same later; the others begin at their oldest record. */
    private Map<String, ShardProgress> startingPoints(StreamAttributes attributes, Collection<StreamShard> shards)
            throws SourceException, InterruptedException {
        Map<String, ShardProgress> points = new HashMap<>();
        for (StreamShard shard : shards) {
            points.put(shard.shardId(), startingPoint(attributes, shard));
        }
        return points;
    }

    private ShardProgress startingPoint(StreamAttributes attributes, StreamShard shard)
            throws SourceException, InterruptedException {
        Instant now = parts.clock().instant();
        return switch (members().startingPosition()) {
            case TRIM_HORIZON -> OLDEST;
            case AT_TIMESTAMP -> {
                Instant timestamp = Objects.requireNonNull(members().startingPositionTimestamp());
                // What was gone when the mapping was created is no gap.
                boolean isGone = timestamp.isBefore(now.minus(attributes.retention()));
                yield isGone ? OLDEST : ShardProgress.startingAt(new ReadPosition.AtTimestamp(timestamp), timestamp);
            }
            case LATEST ->
                shard.closed()
                        ? ShardProgress.skipped(now)
                        : ShardProgress.startingAt(limited(() -> source.latest(shard)), now);
        };
    }

    private void forget() throws StoreException, InterruptedException {
        Set<String> old = lineage().forgettable(retention, parts.clock().instant());
        if (!old.isEmpty()) {
            store.forget(uuid, old);
            old.forEach(stored::remove);
            begun.removeAll(old);
        }
    }

    // ---- shards ----

    private void begin(ShardHost host) {
        if (!loaded) {
            return;
        }
        for (StreamShard shard : lineage().ready(running.keySet(), parts.clock().instant())) {
            if (stopDeadline != null) {
                return;
            }
            String shardId = shard.shardId();
            running.put(shardId, host.begin(new Lease(shardId, first(shard))));
        }
    }

    /** Where a shard begins that this process has not begun before; null when the store has to say. */
    private @Nullable ShardProgress first(StreamShard shard) {
        ShardProgress known = stored.remove(shard.shardId());
        if (!begun.add(shard.shardId())) {
            return null;
        }
        return known == null || known.equals(OLDEST) ? oldestOf(shard) : known;
    }

    /**
     * A shard that nobody has begun. What it has came after its parents' last records: if these were done with so late that
     * the stream may have dropped the first of its own, that is a gap.
     */
    private ShardProgress oldestOf(StreamShard shard) {
        Instant upTo = null;
        for (String parentId : shard.parents()) {
            ShardProgress parent = stored.get(parentId);
            Instant done = parent == null ? null : parent.checkpoint().upTo();
            upTo = upTo == null || (done != null && done.isBefore(upTo)) ? done : upTo;
        }
        return upTo == null ? OLDEST : ShardProgress.startingAt(OLDEST.start(), upTo);
    }

    /** Takes in what shards report until it is time to look again. */
    private void await(Duration pause, ShardHost host) throws InterruptedException {
        Instant until = parts.clock().instant().plus(pause);
        while (true) {
            Duration left = Duration.between(parts.clock().instant(), until);
            Wish wish = left.isPositive() ? mailbox.poll(left.toNanos(), TimeUnit.NANOSECONDS) : mailbox.poll();
            switch (wish) {
                case null -> {
                    return;
                }
                case Wish.Finished(var shardId, var progress, var children) -> {
                    stored.put(shardId, progress);
                    if (!isPlaced(children)) {
                        // Nobody named its children, or not what else they have to wait for: the listing will.
                        until = Instant.MIN;
                        continue;
                    }
                    shardsKnown = shardsKnown.named(children);
                }
                case Wish.Ended(var shardId) -> {
                    running.remove(shardId);
                    if (!loaded && running.isEmpty()) {
                        until = Instant.MIN;
                    }
                    begin(host);
                    known(coordination.trouble());
                }
                case Wish.Stop _ -> {
                    return;
                }
            }
        }
    }

    /**
     * Whether it is known of every parent of these whether it is done. One that nobody has named is taken for forgotten by
     * the source, but it may also be younger than the listing.
     */
    private boolean isPlaced(List<StreamShard> children) {
        ShardLineage lineage = lineage();
        return !children.isEmpty()
                && children.stream().flatMap(child -> child.parents().stream()).allMatch(lineage::isKnown);
    }

    private final class Lease implements ShardLease {

        private final String shardId;
        /** Spares the store thousands of questions at start; used once. */
        private @Nullable ShardProgress first;

        private Lease(String shardId, @Nullable ShardProgress first) {
            this.shardId = shardId;
            this.first = first;
        }

        @Override
        public String shardId() {
            return shardId;
        }

        @Override
        public ShardProgress load() throws StoreException, InterruptedException {
            ShardProgress known = first;
            first = null;
            if (known != null) {
                return known;
            }
            return store.load(uuid)
                    .map(progress -> progress.shards().get(shardId))
                    .orElse(OLDEST);
        }

        @Override
        public void save(ShardProgress progress) throws StoreException, InterruptedException {
            store.save(uuid, shardId, progress);
        }

        @Override
        public void finished(ShardProgress progress, List<StreamShard> children)
                throws StoreException, InterruptedException {
            store.save(uuid, shardId, progress);
            mailbox.add(new Wish.Finished(shardId, progress, children));
        }

        @Override
        public void ended() {
            mailbox.add(new Wish.Ended(shardId));
        }
    }

    // ---- ending ----

    @Override
    public void stop(Instant deadline) {
        stopDeadline = deadline;
        mailbox.add(new Wish.Stop());
        running.values().forEach(run -> run.stop(deadline));
        // It may wait for an answer of the source or the store, which nobody needs any more.
        close();
    }

    @Override
    public boolean awaitEnd(Duration time) throws InterruptedException {
        Instant until = parts.clock().instant().plus(time);
        if (!ended.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)) {
            return false;
        }
        // A shard that began while the stop was asked for.
        Instant deadline = stopDeadline == null ? parts.clock().instant() : stopDeadline;
        running.values().forEach(run -> run.stop(deadline));
        for (ShardRun run : running.values()) {
            if (!run.awaitEnd(Duration.between(parts.clock().instant(), until))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean alive() {
        return ended.getCount() == 0
                ? stopDeadline != null
                : Duration.between(lastTurn, parts.clock().instant()).compareTo(STALLED) < 0;
    }

    @Override
    public Coordination coordination() {
        return coordination;
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
