package dev.millrace.daemon.it.policies;

import dev.millrace.daemon.it.Daemons;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.kinesis.KinesisCalls;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.SqsServers;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sqs.TestQueues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Streams with a mapping each, and one daemon that processes them all. Confined to the test's thread. */
final class PoliciesScene implements AutoCloseable {

    private final KinesisServer kinesis = KinesisServer.start();
    private final TestQueues queues = new TestQueues(SqsServers.all().getFirst());
    private final List<PolicyCase> cases = new ArrayList<>();
    private final List<TestTable> tables = new ArrayList<>();
    private @Nullable Daemons daemons;
    private @Nullable Path config;
    private @Nullable DaemonProcess daemon;

    // ---- before the daemon starts ----

    /** A stream of one shard and a mapping of it, with these members. */
    StreamCase stream(String name, String members) {
        TestStream stream = kinesis.stream(name, 1);
        return new StreamCase(mapping(name, stream.arn(), members), stream);
    }

    /** A stream of one shard and a mapping of a consumer with enhanced fan-out. */
    StreamCase fannedOut(String name, String members) {
        TestStream stream = kinesis.stream(name, 1);
        return new StreamCase(mapping(name, stream.consumer("millrace"), members), stream);
    }

    /** A queue, for a case that does not tell its own destination. */
    TestQueue queue(String name) {
        return queues.create(name, 30);
    }

    /** A table with a stream and a mapping of it. */
    TableCase table(String name, String members) {
        TestTable table = TestTable.create(DynamoDbLocal.shared().asEndpoint());
        tables.add(table);
        return new TableCase(mapping(name, table.streamArn(), members), table);
    }

    private PolicyCase mapping(String name, String arn, String members) {
        PolicyCase added = PolicyCase.of(name, arn, members);
        cases.add(added);
        return added;
    }

    // ---- the daemon ----

    /**
     * Starts the daemon with all mappings.
     *
     * @param folder for the configuration
     * @param mode the sections Coordination and Store, as YAML
     */
    void start(Path folder, String mode) {
        daemons = new Daemons(folder);
        config = daemons.config(
                """
                Region: %s
                AccountId: "%s"
                Aws: {Endpoints: {Kinesis: "%s", DynamoDb: "%s", Sqs: "%s"}}
                Shutdown: {DeadlineSeconds: 20}
                """.formatted(
                                        KinesisServer.REGION,
                                        KinesisServer.ACCOUNT,
                                        kinesis.endpoint(),
                                        DynamoDbLocal.shared().endpoint(),
                                        SqsServers.all().getFirst().endpoint())
                        + mode,
                String.join("", cases.stream().map(PolicyCase::functionSection).toList()),
                cases.stream().map(PolicyCase::mappingSection).toList());
        daemon = daemons.start(config).awaitReady();
    }

    /** Stops the daemon in order. */
    void stop() throws InterruptedException {
        StreamScene.stop(daemon());
    }

    /** Starts the next daemon, with the same configuration and what the one before has stored. */
    void startAgain() {
        daemon = Objects.requireNonNull(daemons)
                .start(Objects.requireNonNull(config))
                .awaitReady();
    }

    DaemonProcess daemon() {
        return Objects.requireNonNull(daemon, "the daemon was started");
    }

    // ---- what it did ----

    /** How often the first shard of a stream was read by GetRecords. */
    long reads(TestStream stream) {
        return kinesis.calls()
                .count(
                        KinesisCalls.GET_RECORDS,
                        stream.name(),
                        stream.shards().getFirst().shardId());
    }

    /** How often any shard was subscribed to with enhanced fan-out. */
    long subscriptions() {
        return kinesis.calls().count(KinesisCalls.SUBSCRIBE);
    }

    /** Waits for so many more reads to begin: all but the last of them have what is there. */
    void awaitReads(TestStream stream, int more) {
        long wanted = reads(stream) + more;
        Eventually.until(more + " more reads of " + stream.name(), () -> reads(stream) >= wanted);
    }

    /** How many discards all destinations were told. */
    int discards() {
        return cases.stream()
                .mapToInt(each -> each.destination().calls().size())
                .sum();
    }

    @Override
    public void close() {
        if (daemons != null) {
            daemons.close();
        }
        cases.forEach(PolicyCase::close);
        tables.forEach(TestTable::close);
        queues.close();
        kinesis.close();
    }
}
