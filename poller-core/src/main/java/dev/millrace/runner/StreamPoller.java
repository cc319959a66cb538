package dev.millrace.runner;

import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.ShardRun;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamSnapshot.Phase;
import dev.millrace.source.StreamAttributes;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardPolicy;
import dev.millrace.stream.ShardSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One enabled stream mapping while it runs: processes the shards that its coordinator gives it. */
public final class StreamPoller {

    /** A shard may always hold this much, however many there are, or it could not go on at all. */
    private static final long LEAST_SHARE = 64 << 10;
    /** How long a snapshot waits for shards whose turn does not come. */
    private static final Duration SNAPSHOT_WITHIN = Duration.ofMillis(250);

    private final StreamParts parts;
    private final ShardPolicy policy;
    private final StreamCoordinator coordinator;
    private final long maximumBytes;
    private final Map<String, SupervisedShard> shards = new ConcurrentHashMap<>();

    private volatile @Nullable Duration retention;
    private volatile long share;
    private volatile boolean stopping;

    /**
     * Makes the poller; {@link #start()} starts it.
     *
     * @param coordinator says which shards; closed with the poller
     * @param maximumBytes serialised bytes of records that all shards together may hold
     */
    public StreamPoller(StreamParts parts, StreamCoordinator coordinator, long maximumBytes) {
        this.parts = parts;
        this.policy = ShardPolicy.of(
                parts.mapping(), parts.source().pacing(), parts.source().keying(), parts.savePace());
        this.coordinator = coordinator;
        this.maximumBytes = maximumBytes;
        this.share = maximumBytes;
    }

    public EventSourceMapping mapping() {
        return parts.mapping();
    }

    public void start() {
        coordinator.start(new Host());
    }

    // ---- shards ----

    private final class Host implements ShardHost {

        @Override
        public void described(StreamAttributes attributes) {
            if (!attributes.retention().equals(retention)) {
                retention = attributes.retention();
                shards.values().forEach(SupervisedShard::conditionsChanged);
            }
        }

        @Override
        public ShardRun begin(ShardLease lease) {
            SupervisedShard shard =
                    new SupervisedShard(parts, policy, lease, StreamPoller.this::conditions, StreamPoller.this::ended);
            shards.put(lease.shardId(), shard);
            shareOut();
            shard.start();
            return shard;
        }
    }

    private void ended(SupervisedShard shard) {
        shards.remove(shard.shardId(), shard);
        shareOut();
    }

    private ShardEvent conditions() {
        return new ShardEvent.ConditionsChanged(retention, share);
    }

    /** Shares change when the number of shards has doubled or halved, so that thousands of shards are not told each time. */
    private synchronized void shareOut() {
        long count = Math.max(1, Integer.highestOneBit(2 * shards.size() - 1));
        long fresh = Math.max(LEAST_SHARE, maximumBytes / count);
        if (fresh != share) {
            share = fresh;
            shards.values().forEach(SupervisedShard::conditionsChanged);
        }
    }

    // ---- ending ----

    /** Asks the mapping to stop reading and to finish by the deadline. Returns at once. */
    public void stop(Instant deadline) {
        stopping = true;
        coordinator.stop(deadline);
    }

    /** Waits until the mapping has ended; false when it has not by then. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return coordinator.awaitEnd(time);
    }

    /** Ends the mapping at once. What it held is processed again. */
    public void kill() {
        stopping = true;
        coordinator.close();
        shards.values().forEach(SupervisedShard::kill);
    }

    // ---- for people ----

    /**
     * The mapping and every shard that is processed at this moment. Waits a moment for the shards' turns; those whose turn does
     * not come are shown as they were when they were asked last.
     */
    public StreamSnapshot snapshot() {
        List<SupervisedShard> asked = List.copyOf(shards.values());
        awaitTurns(asked);
        Map<String, ShardSnapshot> running = new HashMap<>();
        Set<String> starting = new HashSet<>();
        for (SupervisedShard shard : asked) {
            shard.snapshot()
                    .ifPresentOrElse(
                            snapshot -> running.put(shard.shardId(), snapshot), () -> starting.add(shard.shardId()));
        }
        Coordination coordination = coordinator.coordination();
        Phase atWork = coordination.started() ? Phase.RUNNING : Phase.STARTING;
        return new StreamSnapshot(stopping ? Phase.STOPPING : atWork, running, starting, coordination);
    }

    private static void awaitTurns(List<SupervisedShard> asked) {
        CountDownLatch fresh = new CountDownLatch(asked.size());
        asked.forEach(shard -> shard.refresh(fresh::countDown));
        try {
            boolean _ = fresh.await(SNAPSHOT_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Whoever asked is to stop; what is known must do.
            Thread.currentThread().interrupt();
        }
    }

    /** Whether every loop really turns, or has ended as asked. */
    public boolean alive() {
        return coordinator.alive() && shards.values().stream().allMatch(SupervisedShard::alive);
    }
}
