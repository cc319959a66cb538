package dev.millrace.daemon.it;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.SqsServers;
import dev.millrace.testkit.sqs.TestQueues;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one test of streams needs: a Kinesis server, a function server, daemons that share one store, and tables where it asks
 * for them. Everything ends with {@link #close()}. Confined to the test's thread, except that the function server calls back on
 * threads of its own.
 */
public final class StreamScene implements AutoCloseable {

    /** As often as the daemon may, and with short pauses after failures. */
    public static final String QUICK =
            "Millrace: {PollIntervalMilliseconds: 200, Retry: {BaseMilliseconds: 50, MaximumSeconds: 1}}";

    private final KinesisServer server = KinesisServer.start();
    private final FunctionServer function = FunctionServer.start();
    private final Path folder;
    private final Daemons daemons;
    private @Nullable TestQueues queues;
    private @Nullable DynamoDbLocal tables;

    /**
     * Begins.
     *
     * @param folder for configurations and the store, the test's own
     */
    public StreamScene(Path folder) {
        this.folder = folder;
        this.daemons = new Daemons(folder);
    }

    public KinesisServer server() {
        return server;
    }

    public FunctionServer function() {
        return function;
    }

    public Path folder() {
        return folder;
    }

    /** The file of the daemons' store. */
    public Path store() {
        return folder.resolve("streams.db");
    }

    /** Queues for destinations. */
    public TestQueues queues() {
        if (queues == null) {
            queues = new TestQueues(SqsServers.all().getFirst());
        }
        return queues;
    }

    /** A table with a stream, in a DynamoDB Local of this scene's own. */
    public TestTable table() {
        if (tables == null) {
            tables = DynamoDbLocal.start();
        }
        return TestTable.create(tables.asEndpoint());
    }

    // ---- what the function gets and answers ----

    /** Decides the function's answers by the event. */
    public void answers(Function<StreamEvent, FunctionAnswer> answer) {
        asFunction().answers(answer);
    }

    /** Every event that the function has got so far. */
    public List<StreamEvent> events() {
        return asFunction().events();
    }

    /** The data of each event's records. */
    public List<List<String>> batches() {
        return asFunction().batches();
    }

    /** The data of all records that the function has got, in order. */
    public List<String> delivered() {
        return asFunction().delivered();
    }

    /** How often the function has got each record, by its data. */
    public Map<String, Integer> deliveries() {
        return asFunction().deliveries();
    }

    public void awaitDelivered(String... data) {
        asFunction().awaitDelivered(data);
    }

    private StreamFunction asFunction() {
        return new StreamFunction(function);
    }

    // ---- daemons ----

    /** The section of the function {@code fn} behind this scene's function server. */
    public String fn(int timeoutSeconds) {
        return Daemons.function("fn", timeoutSeconds, function.url().toString());
    }

    /** A mapping of all of the stream to {@code fn}. */
    public static String mapping(TestStream stream, String members) {
        return mapping(stream.arn(), "StartingPosition: TRIM_HORIZON" + (members.isEmpty() ? "" : ", " + members));
    }

    /** A mapping to {@code fn}; the members have its starting position. */
    public static String mapping(String arn, String members) {
        return Daemons.mapping(arn, "fn", members);
    }

    /** Writes a configuration: what every one needs, then these functions and mappings. */
    public Path config(String functions, String... mappings) {
        return config("Shutdown: {DeadlineSeconds: 20}\n", functions, List.of(mappings));
    }

    public Path config(String settings, String functions, List<String> mappings) {
        String others = endpoint(
                        "Sqs",
                        queues == null ? null : SqsServers.all().getFirst().endpoint())
                + endpoint("DynamoDb", tables == null ? null : tables.endpoint());
        return daemons.config(
                """
                Region: %s
                AccountId: "%s"
                Aws: {Endpoints: {Kinesis: "%s"%s}}
                Store: {Path: "%s"}
                """.formatted(KinesisServer.REGION, KinesisServer.ACCOUNT, server.endpoint(), others, store())
                        + settings,
                functions,
                mappings);
    }

    private static String endpoint(String service, @Nullable URI endpoint) {
        return endpoint == null ? "" : ", " + service + ": \"" + endpoint + "\"";
    }

    /** Starts a daemon and returns at once. */
    public DaemonProcess start(Path config) {
        return daemons.start(config);
    }

    /** Starts a daemon and waits until all its mappings do their work. */
    public DaemonProcess startReady(Path config) {
        return start(config).awaitReady();
    }

    /** Stops a daemon as a service manager does, and fails when it does not end in order. */
    public static void stop(DaemonProcess daemon) throws InterruptedException {
        daemon.terminate();
        int code = daemon.awaitExit();
        if (code != 0) {
            throw new AssertionError("exit code " + code + "; output:\n" + daemon.output());
        }
        daemon.close();
    }

    @Override
    public void close() {
        daemons.close();
        function.close();
        server.close();
        if (queues != null) {
            queues.close();
        }
        if (tables != null) {
            tables.close();
        }
    }
}
