package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.dynamodb.model.Streams;
import dev.millrace.testkit.dynamodb.operation.StreamsApi;
import dev.millrace.testkit.dynamodb.operation.StreamsSettings;
import dev.millrace.testkit.service.Calls;
import dev.millrace.testkit.service.Faults;
import dev.millrace.testkit.service.FaultyHandler;
import dev.millrace.testkit.wire.HttpFront;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A server that speaks DynamoDB Streams' protocol on loopback, in JSON over plain HTTP/1.1, with its streams in memory and faults
 * on cue: DescribeStream, GetShardIterator, GetRecords, ListStreams. Its tables are made and filled past the wire, by
 * {@link #table}. Starts in milliseconds. Thread-safe.
 *
 * <p>Differs from DynamoDB: signatures are not checked, no operation takes time or has a rate limit, and shards are closed when
 * a test says so, never by themselves.
 */
public final class DynamoDbStreamsServer implements AutoCloseable {

    public static final String REGION = "us-east-1";
    public static final String ACCOUNT = "000000000000";

    private final Streams streams;
    private final StreamsApi api;
    private final Faults faults = new Faults();
    private final Calls calls = new Calls();
    private final HttpFront front;

    private DynamoDbStreamsServer(int port, Clock clock) {
        this.streams = new Streams(REGION, ACCOUNT, clock);
        this.api = new StreamsApi(streams, REGION);
        this.front = HttpFront.start(port, new FaultyHandler(api, faults, calls));
    }

    /** Starts on a free port. */
    public static DynamoDbStreamsServer start() {
        return start(Clock.systemUTC());
    }

    /** Starts on a free port with a clock of the test's, which says when records are made and when iterators and records expire. */
    public static DynamoDbStreamsServer start(Clock clock) {
        return new DynamoDbStreamsServer(0, clock);
    }

    /** Starts on a port that is free, for instance one that a closed server had. */
    public static DynamoDbStreamsServer start(int port) {
        return new DynamoDbStreamsServer(port, Clock.systemUTC());
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + front.port());
    }

    /** This server as suites see it that run on several. */
    public DynamoDbEndpoint asEndpoint() {
        return new DynamoDbEndpoint("our own server", endpoint(), REGION, ACCOUNT, Optional.of(this));
    }

    /** What goes wrong from now on. Streams go by their ARN. */
    public Faults faults() {
        return faults;
    }

    /** What was called so far. Streams go by their ARN. */
    public Calls calls() {
        return calls;
    }

    /** Changes the server's numbers and habits. */
    public void configure(UnaryOperator<StreamsSettings> change) {
        api.configure(change);
    }

    /** A new table whose stream has one shard. */
    public FaultyTable table(TableShape shape) {
        return table(shape, 1);
    }

    /** A new table whose stream has so many shards, as that of a table with so many partitions. */
    public FaultyTable table(TableShape shape, int shards) {
        return new FaultyTable(streams, api, shape, shards);
    }

    /** Makes every shard iterator that was given out unusable. */
    public void expireIterators() {
        api.expireIterators();
    }

    /** Ends all connections. The server goes on. */
    public void closeConnections() {
        front.closeConnections();
    }

    /** Stops; what it holds is gone. */
    @Override
    public void close() {
        front.close();
    }
}
