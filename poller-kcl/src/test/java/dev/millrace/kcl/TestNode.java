package dev.millrace.kcl;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.coordination.Placement.Assignments;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamShard;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
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

    static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");

    private final ServicePlace place =
            new ServicePlace("DynamoDB", "us-east-1", DynamoDbLocal.shared().endpoint());
    private final DynamoDbClient client = ServiceClients.setUp(
                    DynamoDbClient.builder(), place, SharedCredentials.open(place), 10)
            .build();
    private final LeaseClients clients = new LeaseClients(place);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final KclPlacement placement;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();

    TestNode(UUID mapping, String name) {
        placement = new KclPlacement(
                mapping,
                new KclPlacement.Settings("test-leases-", name, LeaseTiming.FAST, Duration.ofSeconds(10)),
                client,
                clients,
                timer,
                InstantSource.system());
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
        client.close();
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
