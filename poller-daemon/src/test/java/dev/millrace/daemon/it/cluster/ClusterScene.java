package dev.millrace.daemon.it.cluster;

import dev.millrace.daemon.it.Daemons;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * What a test of several daemons needs: a Kinesis server, DynamoDB Local for the tables that they share, and a function server,
 * which can tell by the target who calls. Confined to the test's thread, except that the function server calls back on threads
 * of its own.
 */
final class ClusterScene implements AutoCloseable {

    static final String FAST = "Preset: Fast";

    private final KinesisServer server = KinesisServer.start();
    private final URI kinesis;
    private final FunctionServer function = FunctionServer.start();
    private final Daemons daemons;
    /** Tables of this scene's own: DynamoDB Local outlives it. */
    private final String tables = "cluster-" + UUID.randomUUID().toString().substring(0, 8);

    private final String settings;

    /** @param folder for configurations, the test's own */
    ClusterScene(Path folder) {
        this(folder, FAST);
    }

    /** @param coordination more of the section {@code Coordination}, as YAML has members in braces */
    ClusterScene(Path folder, String coordination) {
        this.daemons = new Daemons(folder);
        this.settings = coordination;
        this.kinesis = server.endpoint();
    }

    /** @param kinesis where the nodes find their streams, in place of {@link #server()} */
    ClusterScene(Path folder, URI kinesis, String coordination) {
        this.daemons = new Daemons(folder);
        this.settings = coordination;
        this.kinesis = kinesis;
    }

    /** The nodes' streams are there unless the test has said otherwise. */
    KinesisServer server() {
        return server;
    }

    FunctionServer function() {
        return function;
    }

    /** A table with a stream. */
    static TestTable table() {
        return TestTable.create(DynamoDbLocal.shared().asEndpoint());
    }

    /** Writes a node's configuration, with mappings to {@code fn}. The function's calls have the node's name as their target. */
    Path config(String node, int timeoutSeconds, String... mappings) {
        return config(node, function(node, timeoutSeconds), mappings);
    }

    /** The section of {@code fn}, behind this scene's function server. */
    String function(String node, int timeoutSeconds) {
        return Daemons.function("fn", timeoutSeconds, function.url() + node);
    }

    /** As above, with these functions. */
    Path config(String node, String functions, String... mappings) {
        return daemons.config(
                """
                Region: %s
                AccountId: "%s"
                Aws: {Endpoints: {Kinesis: "%s", DynamoDb: "%s"}}
                Coordination: {Mode: Kcl, NodeName: %s, LeaseTablePrefix: %s-leases-, %s}
                Store: {Type: DynamoDb, Table: %s, MappingsRefreshSeconds: 1}
                Shutdown: {DeadlineSeconds: 20}
                """.formatted(
                                KinesisServer.REGION,
                                KinesisServer.ACCOUNT,
                                kinesis,
                                DynamoDbLocal.shared().endpoint(),
                                node,
                                tables,
                                settings,
                                tables),
                functions,
                List.of(mappings));
    }

    /** Starts a node and returns at once. */
    DaemonProcess start(String node, int timeoutSeconds, String... mappings) {
        return daemons.start(config(node, timeoutSeconds, mappings));
    }

    /** Starts a node with this configuration, and more options for its JVM, and returns at once. */
    DaemonProcess start(Path config, String... javaOptions) {
        return daemons.start(config, javaOptions);
    }

    /** Freezes a node: it does nothing, not even to end connections, until it goes on. */
    static void freeze(DaemonProcess node) throws InterruptedException {
        signal("STOP", node);
    }

    /** Lets a frozen node go on. */
    static void goOn(DaemonProcess node) throws InterruptedException {
        signal("CONT", node);
    }

    private static void signal(String name, DaemonProcess node) throws InterruptedException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(node.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("cannot send " + name + " to process " + node.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        daemons.close();
        function.close();
        server.close();
    }
}
