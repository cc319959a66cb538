package dev.millrace.kcl;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.table.TableClients;
import dev.millrace.source.StreamShard;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A node whose shards do nothing but run, until they are told otherwise. */
final class TestNode implements AutoCloseable {

    static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");

    private final SharedClients<DynamoDbClient> tables = TableClients.open();
    private static final String PREFIX = "test-leases-";

    private final UUID mapping;
    private final DynamoDbClient client;
    private final LeaseClients clients;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final KclPlacement placement;
    private final TestRuns runs = new TestRuns();

    TestNode(UUID mapping, String name) {
        this(mapping, name, DynamoDbLocal.shared().endpoint());
    }

    TestNode(UUID mapping, String name, URI dynamoDb) {
        this(mapping, name, dynamoDb, dynamoDb, InstantSource.system());
    }

    /**
     * A node that has its own way to the leases and the library another one.
     *
     * @param librarys where the library finds DynamoDB
     * @param clock asked by the library's thread for each lease that it gets
     */
    TestNode(UUID mapping, String name, URI own, URI librarys, InstantSource clock) {
        this.mapping = mapping;
        client = tables.at(place(own));
        clients = new LeaseClients(place(librarys), name, Preset.FAST.failover());
        placement = new KclPlacement(
                mapping,
                new KclPlacement.Settings(PREFIX, name, Preset.FAST, Duration.ofSeconds(10)),
                client,
                clients,
                timer,
                clock);
    }

    private static ServicePlace place(URI dynamoDb) {
        return new ServicePlace("DynamoDB", "us-east-1", dynamoDb);
    }

    /** The table of leases as anyone sees it. */
    LeaseTable leases() {
        return new LeaseTable(client, PREFIX + mapping + "-" + CREATED.toEpochMilli());
    }

    /** What it has seen of the others' leases while it led. */
    Takeovers takeovers() {
        return clients.takeovers();
    }

    void begin() throws Exception {
        placement.begin(CREATED, runs);
    }

    void offer(String... shardIds) throws Exception {
        placement.offer(List.of(shardIds).stream()
                .map(shardId -> new StreamShard(shardId, List.of(), false))
                .toList());
    }

    /** Whether an invocation of the shard would begin at once; false when it does not run. */
    boolean isCertain(String shardId) {
        return runs.isCertain(shardId);
    }

    Set<String> running() {
        return runs.running();
    }

    /** All of the shard is settled and stored. */
    void finish(String shardId) {
        runs.finish(shardId);
    }

    /** Whether it has stopped in time. */
    boolean stop() throws InterruptedException {
        placement.stop(Instant.now().plusSeconds(10));
        return placement.awaitEnd(Duration.ofSeconds(20));
    }

    @Override
    public void close() {
        placement.close();
        timer.shutdownNow();
        clients.close();
        tables.close();
    }
}
