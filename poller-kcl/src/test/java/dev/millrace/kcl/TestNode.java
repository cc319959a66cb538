package dev.millrace.kcl;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.table.TableClients;
import dev.millrace.coordination.Placement.Assignments;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamShard;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A node whose shards do nothing but run, until they are told otherwise. */
final class TestNode implements Assignments, AutoCloseable {

    /** Asked of memory alone. */
    private static final Duration ANSWERS_WITHIN = Duration.ofMillis(20);

    static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");

    private final SharedClients<DynamoDbClient> tables = TableClients.open();
    private static final String PREFIX = "test-leases-";

    private final UUID mapping;
    private final DynamoDbClient client;
    private final LeaseClients clients;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final KclPlacement placement;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();

    TestNode(UUID mapping, String name) {
        this(mapping, name, DynamoDbLocal.shared().endpoint());
    }

    TestNode(UUID mapping, String name, URI dynamoDb) {
        this.mapping = mapping;
        ServicePlace place = new ServicePlace("DynamoDB", "us-east-1", dynamoDb);
        client = tables.at(place);
        clients = new LeaseClients(place, Preset.FAST.failover());
        placement = new KclPlacement(
                mapping,
                new KclPlacement.Settings(PREFIX, name, Preset.FAST, Duration.ofSeconds(10)),
                client,
                clients,
                timer,
                InstantSource.system());
    }

    /** The table of leases as anyone sees it. */
    LeaseTable leases() {
        return new LeaseTable(client, PREFIX + mapping + "-" + CREATED.toEpochMilli());
    }

    void begin() throws Exception {
        placement.begin(CREATED, this);
    }

    void offer(String... shardIds) throws Exception {
        placement.offer(List.of(shardIds).stream()
                .map(shardId -> new StreamShard(shardId, List.of(), false))
                .toList());
    }

    @Override
    public void assign(Hold hold) {
        Run run = new Run(hold);
        runs.put(hold.shardId(), run);
        hold.runs(run);
    }

    /** Whether an invocation of the shard would begin at once; false when it does not run. */
    boolean isCertain(String shardId) {
        Run run = runs.get(shardId);
        if (run == null) {
            return false;
        }
        Thread asking = Thread.startVirtualThread(() -> {
            try {
                run.hold.awaitCertainty();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return asking.join(ANSWERS_WITHIN);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            asking.interrupt();
        }
    }

    Set<String> running() {
        return runs.keySet();
    }

    /** All of the shard is settled and stored. */
    void finish(String shardId) {
        Run run = Objects.requireNonNull(runs.remove(shardId), "the shard runs");
        run.hold.finished();
        run.hold.ended();
    }

    void stop() throws InterruptedException {
        placement.stop(Instant.now().plusSeconds(10));
        placement.awaitEnd(Duration.ofSeconds(20));
    }

    @Override
    public void close() {
        placement.close();
        timer.shutdownNow();
        clients.close();
        tables.close();
    }

    private final class Run implements ShardRun {

        private final Hold hold;

        private Run(Hold hold) {
            this.hold = hold;
        }

        private void end() {
            runs.remove(hold.shardId(), this);
            hold.ended();
        }

        @Override
        public void stop(Instant deadline) {
            Thread.startVirtualThread(this::end);
        }

        @Override
        public void leaseLost() {
            Thread.startVirtualThread(this::end);
        }

        @Override
        public void shardGone() {}

        @Override
        public boolean awaitEnd(Duration time) {
            return true;
        }
    }
}
