package dev.millrace.kcl;

import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Placement;
import dev.millrace.kcl.LeaseTable.Ownership;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Shares the shards of one mapping among nodes by leases of the Kinesis Client Library. */
final class KclPlacement implements Placement {

    /** What other nodes have finished is seen after this long, if they did not get to writing what follows themselves. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(20);

    /** The library counts to a minute. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    /**
     * What nodes have in common.
     *
     * @param tablePrefix of the lease tables' names
     * @param node how this one is called
     * @param handOver how long a shard may take to let go
     */
    record Settings(String tablePrefix, String node, LeaseTiming timing, Duration handOver) {}

    private final UUID mapping;
    private final Settings settings;
    private final DynamoDbClient dynamoDb;
    private final LeaseClients clients;
    private final ScheduledFuture<?> keepingAlive;
    private final InstantSource clock;

    // Of the coordinator's thread.
    private final Set<String> offered = new HashSet<>();
    private @Nullable LeaseTable table;

    private volatile @Nullable LeaseScheduler scheduler;
    private volatile @Nullable CompletableFuture<Boolean> stopping;
    private volatile Map<String, Owner> owners = Map.of();

    /** The clients and the timer are closed by whoever made them. */
    KclPlacement(
            UUID mapping,
            Settings settings,
            DynamoDbClient dynamoDb,
            LeaseClients clients,
            ScheduledExecutorService timer,
            InstantSource clock) {
        this.mapping = mapping;
        this.settings = settings;
        this.dynamoDb = dynamoDb;
        this.clients = clients;
        this.clock = clock;
        this.keepingAlive = timer.scheduleAtFixedRate(
                this::keepAlive, KEEP_ALIVE.toMillis(), KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void keepAlive() {
        LeaseScheduler running = scheduler;
        if (running != null) {
            running.keepAlive();
        }
    }

    @Override
    public Duration lookEvery() {
        return LOOK_EVERY;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    /** Leases of another creation are in another table: shards of both may have the same ids. */
    @Override
    public void begin(Instant created, Assignments assignments) throws StoreException, InterruptedException {
        LeaseTable leases =
                new LeaseTable(dynamoDb, settings.tablePrefix() + mapping + "-" + created.toEpochMilli());
        leases.ensure();
        table = leases;
        offered.clear();
        scheduler = new LeaseScheduler(
                leases.toString(),
                settings.node(),
                settings.timing(),
                settings.handOver(),
                clients,
                shardId -> new HeldLease(shardId, assignments, settings.handOver()));
    }

    @Override
    public void offer(Collection<StreamShard> ready) throws StoreException, InterruptedException {
        LeaseTable leases = table;
        if (leases == null) {
            return;
        }
        for (StreamShard shard : ready) {
            if (!offered.contains(shard.shardId())) {
                leases.offer(shard.shardId());
                offered.add(shard.shardId());
            }
        }
        seen(leases.owners());
    }

    private void seen(Map<String, Ownership> now) {
        Map<String, Owner> seen = new HashMap<>();
        Instant time = clock.instant();
        now.forEach((shardId, ownership) -> {
            Owner before = owners.get(shardId);
            Instant since = before != null && before.node().equals(ownership.owner()) ? before.since() : time;
            seen.put(shardId, new Owner(ownership.owner(), since, ownership.handover()));
        });
        owners = Map.copyOf(seen);
    }

    @Override
    public void replaced() {
        LeaseScheduler running = scheduler;
        if (running != null) {
            // Nobody waits: the next one has leases in another table.
            CompletableFuture<Boolean> _ = running.stop();
        }
        table = null;
        owners = Map.of();
    }

    @Override
    public void forgotten(Set<String> shardIds) {
        offered.removeAll(shardIds);
    }

    @Override
    public Map<String, Owner> owners() {
        return owners;
    }

    // ---- ending ----

    @Override
    public void stop(Instant deadline) {
        LeaseScheduler running = scheduler;
        if (running != null) {
            stopping = running.stop();
        }
    }

    @Override
    public boolean awaitEnd(Duration time) throws InterruptedException {
        LeaseScheduler running = scheduler;
        CompletableFuture<Boolean> asked = stopping;
        return running == null || asked == null || running.awaitEnd(asked, time);
    }

    @Override
    public boolean alive() {
        LeaseScheduler running = scheduler;
        return running == null || stopping != null || running.alive();
    }

    @Override
    public void close() {
        keepingAlive.cancel(false);
        LeaseScheduler running = scheduler;
        if (running != null) {
            running.kill();
        }
    }
}
