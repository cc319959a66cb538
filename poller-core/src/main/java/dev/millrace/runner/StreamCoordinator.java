package dev.millrace.runner;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.Placement;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.Placement.Owner;
import dev.millrace.invoke.Backoff;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the shards of one mapping's stream, offers those whose parents are done to the placement, and has processed here
 * what that assigns to this node. One virtual thread lists the shards and begins them; everything else reaches it through a
 * mailbox.
 */
public final class StreamCoordinator {

    private static final Backoff STORE_AGAIN = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    /** What one call to the source may take, the many pages of a large stream's list included. */
    private static final Duration CALL_WITHIN = Duration.ofSeconds(30);

    /** Beyond the time between two looks. */
    private static final Duration STALLED = Duration.ofMinutes(1);

    /** How long what runs may go on when its stream turns out to be another one. */
    private static final Duration END_OF_REPLACED = Duration.ofSeconds(10);

    private final StreamParts parts;
    private final EventSourceMapping mapping;
    private final StreamSource source;
    private final Placement placement;
    private final BlockingQueue<Wish> mailbox = new LinkedBlockingQueue<>();
    private final RunningShards running;
    private final CountDownLatch over = new CountDownLatch(1);

    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant stopDeadline;
    private volatile boolean closed;
    private volatile Instant lastTurn;
    private volatile Coordination coordination = Coordination.NONE;

    // Of the thread alone.
    private final KnownShards known;
    private int failures;
    private boolean endNoted;
    /** Shards that this node was given, and begins after the next look. */
    private final Deque<Wish.Assigned> afterLook = new ArrayDeque<>();
    /** Whether the placement knows of the mapping as it is loaded. */
    private boolean placing;

    /** What the thread is asked to do. */
    private sealed interface Wish {
        record Finished(String shardId, ShardProgress progress, List<StreamShard> children) implements Wish {}

        record Ended(String shardId) implements Wish {}

        /** @param created when the mapping was created of which this is a shard */
        record Assigned(Hold hold, Instant created) implements Wish {}

        record Stop() implements Wish {}
    }

    /**
     * A coordinator that has not started.
     *
     * @param placement closed with the coordinator
     */
    public StreamCoordinator(StreamParts parts, CheckpointStore store, Placement placement) {
        this.parts = parts;
        this.mapping = parts.mapping();
        this.source = parts.source();
        this.placement = placement;
        this.running = new RunningShards(
                new ShardLease.Terms(mapping.uuid(), store, placement.isShared(), new Ends()), parts.clock());
        this.lastTurn = parts.clock().instant();
        this.known = new KnownShards(parts, store);
    }

    /** Takes in what the ends of shards mean. */
    private final class Ends implements ShardLease.Ends {

        @Override
        public void finished(String shardId, ShardProgress progress, List<StreamShard> children) {
            mailbox.add(new Wish.Finished(shardId, progress, children));
        }

        @Override
        public void ended(String shardId) {
            mailbox.add(new Wish.Ended(shardId));
        }
    }

    /** Begins to give shards to the host, from its own thread. Returns at once. */
    void start(ShardHost host) {
        thread = Thread.ofVirtual().name("mapping/" + mapping.uuid()).start(() -> run(host));
    }

    private void run(ShardHost host) {
        try {
            Crashes crashes = new Crashes();
            Duration pause = Duration.ZERO;
            Instant began = parts.clock().instant();
            while (true) {
                try {
                    pause = turn(pause, host);
                    if (stopDeadline != null) {
                        return;
                    }
                } catch (InterruptedException | RuntimeException | Error defect) {
                    if (stopDeadline != null || closed) {
                        return;
                    }
                    // So is an interrupt that nobody has asked for: a library's, meant for another thread.
                    pause = crashes.pause(began, parts.clock().instant());
                    parts.observer().crashed(null, defect, pause);
                    began = parts.clock().instant();
                }
                lastTurn = parts.clock().instant();
            }
        } finally {
            Instant deadline = stopDeadline;
            if (deadline != null) {
                // A shard that began while the stop was asked for.
                running.stop(deadline);
            }
            over.countDown();
        }
    }

    /** Waits, then looks at the stream and offers what may begin; answers how long until the next look. */
    private Duration turn(Duration wait, ShardHost host) throws InterruptedException {
        try {
            await(wait, host);
            if (stopDeadline != null) {
                return Duration.ZERO;
            }
            if (!known.isLoaded()) {
                known.resume();
            }
            StreamAttributes attributes = look(host);
            Duration untilDone = attributes.ended() == null ? null : known.untilDone(running.ids());
            if (untilDone != null && untilDone.isZero() && goesOver()) {
                attributes = look(host);
            }
            failures = 0;
            tellEnd(attributes.ended());
            if (untilDone != null && untilDone.isPositive()) {
                return untilDone;
            }
            return known.isLoaded() || !running.areNone() ? known.untilLook(placement.lookEvery()) : Duration.ZERO;
        } catch (SourceException e) {
            beginAssigned(host);
            tell(new Coordination.Trouble(
                    "source trouble: " + e.problem().kind(), e.problem().message()));
            Duration pause = e.problem().kind().pauses().pause(++failures, ThreadLocalRandom.current());
            parts.observer().streamTrouble(e.problem(), pause);
            return pause;
        } catch (StoreException e) {
            beginAssigned(host);
            tell(new Coordination.Trouble("store trouble", String.valueOf(e.getMessage())));
            Duration pause = STORE_AGAIN.pause(++failures, ThreadLocalRandom.current());
            parts.observer().storeTrouble(String.valueOf(e.getMessage()), pause);
            return pause;
        } catch (RuntimeException | Error defect) {
            failures++;
            beginAssigned(host);
            throw defect;
        }
    }

    /** Looks at the stream, and offers what may begin. */
    private StreamAttributes look(ShardHost host) throws SourceException, StoreException, InterruptedException {
        Instant began = parts.clock().instant();
        StreamAttributes attributes = limited(source::describe);
        host.described(attributes);
        if (isHeldByAnotherStream(attributes)) {
            return attributes;
        }
        Collection<StreamShard> shards = limited(source::shards);
        if (!known.isLoaded()) {
            known.load(attributes, shards, shard -> limited(() -> source.latest(shard)));
        }
        if (!placing) {
            Instant created = known.created();
            placement.begin(created, hold -> mailbox.add(new Wish.Assigned(hold, created)));
            placing = true;
        }
        known.listed(shards, attributes.ended() == null);
        // First, since what is forgotten tells its children from when on records may be missing.
        List<StreamShard> ready = mayBegin();
        beginAssigned(host);
        placement.offer(ready);
        running.areGone(known.gone(running.ids()));
        forget(known.forgettable(attributes.retention()));
        known.looked(began);
        return attributes;
    }

    private void forget(Set<String> old) throws StoreException, InterruptedException {
        if (!old.isEmpty()) {
            // First where they could be assigned once more: afterwards nobody knows that they are finished.
            placement.forget(old);
            known.forget(old);
        }
    }

    /** Goes over to the stream that the mapping stands for at this time, where that is another: all of this one is processed. */
    private boolean goesOver() throws SourceException, InterruptedException {
        Optional<String> next = limited(source::successor);
        next.ifPresent(arn -> {
            source.goOnWith(arn);
            leave();
        });
        return next.isPresent();
    }

    /** Another stream is read next: nothing of this one means anything any more. */
    private void leave() {
        known.unload();
        placing = false;
        placement.replaced();
        running.leave();
        afterLook.forEach(assigned -> assigned.hold().ended());
        afterLook.clear();
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
     * Whether shards are known that are of another stream: this one was created anew under the same name, and its shards have
     * the same ids. Those that run end before those of this one begin; what is with the function may finish, since nobody
     * could read it again.
     */
    private boolean isHeldByAnotherStream(StreamAttributes attributes) throws StoreException, InterruptedException {
        if (known.areOfOther(attributes) || isCreatedAnewElsewhere()) {
            leave();
            running.stop(parts.clock().instant().plus(END_OF_REPLACED));
            return true;
        }
        return !known.isLoaded() && !running.areNone();
    }

    /** Whether another node has created the mapping anew; if not, what the others have stored is known from here on. */
    private boolean isCreatedAnewElsewhere() throws StoreException, InterruptedException {
        return placement.isShared() && known.isLoaded() && !known.reload(running.ids());
    }

    private void tell(Coordination.@Nullable Trouble trouble) {
        coordination = new Coordination(
                known.isLoaded(),
                known.waiting(running.ids()),
                placement.isShared() ? unowned() : 0,
                placement.owners(),
                trouble);
    }

    private int unowned() {
        Map<String, Owner> owners = placement.owners();
        return (int) known.ready(running.ids()).stream()
                .filter(shard -> !owners.containsKey(shard.shardId()))
                .count();
    }

    // ---- shards ----

    /** Shards that may begin, here or on another node. */
    private List<StreamShard> mayBegin() {
        List<StreamShard> ready = known.ready(running.ids());
        Map<String, ShardProgress> starts = new HashMap<>();
        for (StreamShard shard : ready) {
            ShardProgress start = known.start(shard);
            if (start != null) {
                starts.put(shard.shardId(), start);
            }
        }
        running.mayBegin(starts);
        return ready;
    }

    /** Begins what was assigned before the look, also when that has failed: then nobody can tell more of it. */
    private void beginAssigned(ShardHost host) {
        while (!afterLook.isEmpty()) {
            // One after the other, so that a defect at one of them leaves the rest for the next look.
            Wish.Assigned next = afterLook.removeFirst();
            begin(next.hold(), next.created(), host);
        }
    }

    /** As soon as may be; a pause after trouble stays as long as it is. */
    private Instant sooner(Instant until) {
        Instant soonest = known.nextLook();
        return failures == 0 && soonest.isBefore(until) ? soonest : until;
    }

    /**
     * Whether another node has finished the shard's parents since the last look: the next one tells from when on its records
     * may be missing.
     */
    private boolean isBornElsewhere(String shardId) {
        return placement.isShared()
                && failures == 0
                && known.isLoaded()
                && !running.knowsStart(shardId)
                && !known.hasBegun(shardId);
    }

    /** A hold of another creation of the mapping is one of another shard, whatever its id. */
    private void begin(Hold hold, Instant created, ShardHost host) {
        if (stopDeadline != null || !known.isLoaded() || !created.equals(known.created()) || !hold.stands()) {
            hold.ended();
        } else if (running.begin(hold, created, host)) {
            known.begun(hold.shardId());
        }
    }

    /** Takes in what shards report until it is time to look again. */
    private void await(Duration pause, ShardHost host) throws StoreException, InterruptedException {
        Instant until = parts.clock().instant().plus(pause);
        boolean ended = false;
        while (true) {
            Duration left = Duration.between(parts.clock().instant(), until);
            Wish wish = left.isPositive() ? mailbox.poll(left.toNanos(), TimeUnit.NANOSECONDS) : mailbox.poll();
            switch (wish) {
                case null -> {
                    return;
                }
                case Wish.Finished(var shardId, var progress, var children) -> {
                    // What other nodes have finished is known after a look only.
                    if (!known.finished(shardId, progress, children) || placement.isShared()) {
                        until = sooner(until);
                    }
                }
                case Wish.Ended(var shardId) -> {
                    running.ended(shardId).ifPresent(next -> begin(next, known.created(), host));
                    // Another stream may begin then.
                    if ((!known.isLoaded() || endNoted) && running.areNone()) {
                        until = sooner(until);
                    }
                    ended = true;
                }
                case Wish.Assigned assigned
                when isBornElsewhere(assigned.hold().shardId()) -> {
                    afterLook.add(assigned);
                    until = sooner(until);
                }
                case Wish.Assigned(var hold, var created) -> begin(hold, created, host);
                case Wish.Stop _ -> {
                    return;
                }
            }
            // Once for all that came at a time: it grows with the number of shards.
            if (mailbox.isEmpty()) {
                if (ended) {
                    placement.offer(mayBegin());
                    ended = false;
                }
                tell(coordination.trouble());
            }
        }
    }

    // ---- ending ----

    /** Stops every shard and begins no more. Returns at once. */
    void stop(Instant deadline) {
        stopDeadline = deadline;
        mailbox.add(new Wish.Stop());
        placement.stop(deadline);
        running.stop(deadline);
        // It may wait for an answer of the source or the store, which nobody needs any more.
        interrupt();
    }

    /** Waits until every shard has ended; false when one still ran by then. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        Instant until = parts.clock().instant().plus(time);
        if (!over.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)) {
            return false;
        }
        return running.awaitEnd(until)
                && placement.awaitEnd(Duration.between(parts.clock().instant(), until));
    }

    /** Whether it is at work, or has ended as asked: its loop has turned lately. */
    boolean alive() {
        if (over.getCount() == 0) {
            return stopDeadline != null;
        }
        Duration still = Duration.between(lastTurn, parts.clock().instant());
        return still.compareTo(placement.lookEvery().plus(STALLED)) < 0;
    }

    /** What it knows of the stream at this moment. Called from any thread; does not block. */
    Coordination coordination() {
        return coordination;
    }

    /** Ends everything at once. */
    void close() {
        closed = true;
        interrupt();
        placement.close();
    }

    private void interrupt() {
        Thread current = thread;
        if (current != null) {
            current.interrupt();
        }
    }
}
