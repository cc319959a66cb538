package dev.millrace.runner;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.ShardCoordinator;
import dev.millrace.coordination.ShardHost;
import dev.millrace.coordination.ShardLease;
import dev.millrace.coordination.ShardRun;
import dev.millrace.invoke.Backoff;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final KnownShards known;
    private int failures;
    private boolean endNoted;

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
        this.known = new KnownShards(parts, store);
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
            host.described(attributes);
            if (isHeldByAnotherStream(attributes)) {
                return LIST_EVERY;
            }
            Collection<StreamShard> shards = limited(source::shards);
            if (!known.isLoaded()) {
                known.load(attributes, shards, shard -> limited(() -> source.latest(shard)));
            }
            known.listed(shards);
            // First, since what is forgotten tells its children from when on records may be missing.
            begin(host);
            known.forget(attributes.retention());
            for (String shardId : known.gone(running.keySet())) {
                Optional.ofNullable(running.get(shardId)).ifPresent(ShardRun::shardGone);
            }
            failures = 0;
            tellEnd(attributes.ended());
            return LIST_EVERY;
        } catch (SourceException e) {
            tell(new Coordination.Trouble(
                    "source trouble: " + e.problem().kind(), e.problem().message()));
            Duration pause = e.problem().kind().pauses().pause(++failures, ThreadLocalRandom.current());
            parts.observer().streamTrouble(e.problem(), pause);
            return pause;
        } catch (StoreException e) {
            tell(new Coordination.Trouble("store trouble", String.valueOf(e.getMessage())));
            Duration pause = STORE_AGAIN.pause(++failures, ThreadLocalRandom.current());
            parts.observer().storeTrouble(String.valueOf(e.getMessage()), pause);
            return pause;
        }
    }

    /** Shows whether the stream has ended, and notes it once. */
    private void tellEnd(@Nullable String why) {
        tell(why == null ? null : new Coordination.Trouble("stream ended", why));
        if (why != null && !endNoted) {
            parts.observer().noted("StreamEnded", why);
        }
        endNoted = why != null;
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
        if (known.areOfOther(attributes)) {
            known.unload();
            Instant deadline = parts.clock().instant().plus(END_OF_REPLACED);
            running.values().forEach(run -> run.stop(deadline));
        }
        return !known.isLoaded() && !running.isEmpty();
    }

    private void tell(Coordination.@Nullable Trouble trouble) {
        coordination = new Coordination(known.isLoaded(), known.waiting(running.keySet()), trouble);
    }

    // ---- shards ----

    private void begin(ShardHost host) {
        for (StreamShard shard : known.ready(running.keySet())) {
            if (stopDeadline != null) {
                return;
            }
            String shardId = shard.shardId();
            running.put(shardId, host.begin(new Lease(shardId, known.begin(shard))));
        }
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
                    if (!known.finished(shardId, progress, children)) {
                        until = Instant.MIN;
                    }
                }
                case Wish.Ended(var shardId) -> {
                    running.remove(shardId);
                    if (!known.isLoaded() && running.isEmpty()) {
                        until = Instant.MIN;
                    }
                    begin(host);
                    tell(coordination.trouble());
                }
                case Wish.Stop _ -> {
                    return;
                }
            }
        }
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
            ShardProgress given = first;
            first = null;
            if (given != null) {
                return given;
            }
            return store.load(uuid)
                    .map(progress -> progress.shards().get(shardId))
                    .orElse(StartingPoints.OLDEST);
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
