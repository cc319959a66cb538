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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Shares the shards of one mapping among nodes by leases of the Kinesis Client Library. */
final class KclPlacement implements Placement {

    private static final Logger LOG = LoggerFactory.getLogger(KclPlacement.class);

    /** The library does not say which one. */
    private static final String ANOTHER = "another node";

    /** The library counts to a minute. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    /**
     * What nodes have in common.
     *
     * @param tablePrefix of the lease tables' names
     * @param node how this one is called
     * @param handOver how long a shard may take to let go
     */
    record Settings(String tablePrefix, String node, Preset preset, Duration handOver) {}

    private final UUID mapping;
    private final Settings settings;
    private final DynamoDbClient dynamoDb;
    private final LeaseClients clients;
    private final ScheduledFuture<?> keepingAlive;
    private final InstantSource clock;

    // Of the coordinator's thread.
    /** Their leases are written, of those that may begin: what does not any more may be forgotten by any node. */
    private final Set<String> offered = new HashSet<>();

    private @Nullable Assignments assignments;

    private volatile boolean stopped;
    private volatile @Nullable LeaseTable table;
    private volatile @Nullable LeaseScheduler scheduler;
    private final Set<HeldLease> held = ConcurrentHashMap.newKeySet();
    /** Who had which lease when the table was looked at last, this node among them. */
    private volatile Map<String, Owner> lastSeen = Map.of();

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
        held.forEach(lease -> {
            try {
                lease.keepAlive();
            } catch (RuntimeException e) {
                // A defect at one of them must not end it for all: a timer's task that throws is not run again.
                LOG.atWarn()
                        .addKeyValue("mapping", mapping)
                        .addKeyValue("shard", lease.shardId())
                        .setCause(e)
                        .log("the Kinesis Client Library does not take a sign of life; it may subscribe to the"
                                + " shard anew");
            }
        });
    }

    @Override
    public Duration lookEvery() {
        return settings.preset().look();
    }

    @Override
    public boolean isShared() {
        return true;
    }

    /** Leases of another creation are in another table: shards of both may have the same ids. */
    @Override
    public void begin(Instant created, Assignments to) throws StoreException, InterruptedException {
        LeaseTable leases = new LeaseTable(dynamoDb, settings.tablePrefix() + mapping + "-" + created.toEpochMilli());
        leases.ensure();
        leases.settleVersion(settings.node(), clock.instant());
        table = leases;
        assignments = to;
        offered.clear();
        begin(schedule(leases, to));
    }

    private void begin(LeaseScheduler fresh) {
        scheduler = fresh;
        if (stopped) {
            // Asked meanwhile, when there was none to stop.
            fresh.stop(this::leave);
        }
    }

    private LeaseScheduler schedule(LeaseTable leases, Assignments to) {
        String name = leases.toString();
        HeldLease.Terms terms = new HeldLease.Terms(
                name, settings.preset().failover(), settings.handOver(), clients.renewals(), clock, held::remove);
        return new LeaseScheduler(name, settings.node(), settings.preset(), settings.handOver(), clients, shardId -> {
            HeldLease fresh = new HeldLease(shardId, to, terms);
            held.add(fresh);
            return fresh;
        });
    }

    @Override
    public void offer(Collection<StreamShard> ready) throws StoreException, InterruptedException {
        LeaseTable leases = table;
        if (leases == null) {
            return;
        }
        scheduleAgain(leases);
        // One that comes back, having run here and ended unfinished, is offered once more, which its lease refuses.
        offered.retainAll(ready.stream().map(StreamShard::shardId).collect(Collectors.toSet()));
        for (StreamShard shard : ready) {
            if (!offered.contains(shard.shardId())) {
                leases.offer(shard.shardId());
                offered.add(shard.shardId());
            }
        }
        LeaseTable.Contents found = leases.read();
        clients.takeovers().thereAre(leases.toString(), found.keys());
        seen(found.owners());
    }

    /** How many shards it remembers that it has offered. */
    int offered() {
        return offered.size();
    }

    /** The library gives up by itself when its table was away for long while it started. */
    private void scheduleAgain(LeaseTable leases) {
        LeaseScheduler running = scheduler;
        Assignments to = assignments;
        if (running != null && to != null && !stopped && !running.alive()) {
            LOG.atWarn()
                    .addKeyValue("mapping", mapping)
                    .addKeyValue("table", leases)
                    .log("the Kinesis Client Library has given up on its leases; it is started anew");
            running.kill();
            List.copyOf(held).forEach(HeldLease::lose);
            begin(schedule(leases, to));
        }
    }

    private void seen(Map<String, Ownership> now) {
        Map<String, Owner> seen = new HashMap<>();
        Instant time = clock.instant();
        now.forEach((shardId, ownership) -> {
            Owner before = lastSeen.get(shardId);
            Instant since = before != null && before.node().equals(ownership.owner()) ? before.since() : time;
            seen.put(shardId, new Owner(ownership.owner(), since, ownership.next()));
        });
        lastSeen = Map.copyOf(seen);
    }

    @Override
    public void replaced() {
        LeaseScheduler running = scheduler;
        if (running != null) {
            // Its leases need not be given back: the next one has others, in another table.
            running.stop(() -> {});
        }
        table = null;
        lastSeen = Map.of();
    }

    @Override
    public void forget(Set<String> shardIds) throws StoreException, InterruptedException {
        LeaseTable leases = table;
        if (leases != null) {
            for (String shardId : shardIds) {
                leases.forget(shardId);
            }
        }
    }

    @Override
    public Map<String, Owner> owners() {
        Map<String, Owner> owners = new HashMap<>(lastSeen);
        // What the table said at the last look is older than what this node holds.
        owners.values().removeIf(owner -> owner.node().equals(settings.node()));
        held.stream().filter(HeldLease::isRunning).forEach(lease -> {
            Owner seen = lastSeen.get(lease.shardId());
            String next = seen == null || seen.handingOverTo() == null ? ANOTHER : seen.handingOverTo();
            owners.put(lease.shardId(), new Owner(settings.node(), lease.since(), lease.isLettingGo() ? next : null));
        });
        return owners;
    }

    // ---- ending ----

    @Override
    public void stop(Instant deadline) {
        stopped = true;
        LeaseScheduler running = scheduler;
        List.copyOf(held).forEach(lease -> lease.stop(deadline));
        if (running != null) {
            running.stop(this::leave);
        }
    }

    @Override
    public boolean awaitEnd(Duration time) throws InterruptedException {
        LeaseScheduler running = scheduler;
        return running == null || running.awaitEnd(time);
    }

    /** Others need not wait until this node's leases run out. */
    private void leave() {
        LeaseTable leases = table;
        if (leases == null) {
            return;
        }
        try {
            Set<String> running = held.stream()
                    .filter(HeldLease::isRunning)
                    .map(HeldLease::shardId)
                    .collect(Collectors.toSet());
            Set<String> mine = new HashSet<>();
            leases.owners().forEach((shardId, ownership) -> {
                if (ownership.owner().equals(settings.node()) && !running.contains(shardId)) {
                    mine.add(shardId);
                }
            });
            leases.leave(settings.node(), mine);
        } catch (StoreException e) {
            LOG.atInfo()
                    .addKeyValue("mapping", mapping)
                    .addKeyValue("table", leases)
                    .setCause(e)
                    .log("the leases were not given back; other nodes get them when they run out");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        keepingAlive.cancel(false);
        LeaseScheduler running = scheduler;
        // Also when its thread has died: the library renews its leases without it.
        if (running != null && !running.isOver()) {
            running.kill();
        }
    }
}
