package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.kinesis.model.Account;
import dev.millrace.testkit.kinesis.operation.ServerSettings;
import dev.millrace.testkit.kinesis.operation.Service;
import dev.millrace.testkit.service.Calls;
import dev.millrace.testkit.service.Faults;
import dev.millrace.testkit.service.FaultyHandler;
import dev.millrace.testkit.wire.HttpFront;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A server that speaks Kinesis's protocol on loopback, in CBOR and JSON over plain HTTP/1.1, with its streams in memory and faults
 * on cue. Every operation that a poller or a test of one needs is there; streams change their state at once. Starts in
 * milliseconds. Thread-safe.
 *
 * <p>Differs from Kinesis: signatures are not checked, no operation takes time, nothing is encrypted, writes have no limits, and
 * SubscribeToShard needs no HTTP/2.
 */
public final class KinesisServer implements AutoCloseable {

    public static final String REGION = "us-east-1";
    public static final String ACCOUNT = "000000000000";

    private static final long LARGEST_RECORD = 10 * 1024 * 1024;

    private final Service service;
    private final Faults faults = new Faults();
    private final Calls calls = new Calls();
    private final HttpFront front;

    private KinesisServer(int port, Clock clock) {
        this.service = new Service(new Account(REGION, ACCOUNT, clock));
        this.front = HttpFront.start(port, new FaultyHandler(new KinesisApi(service), faults, calls));
    }

    /** Starts on a free port. */
    public static KinesisServer start() {
        return start(Clock.systemUTC());
    }

    /** Starts on a free port with a clock of the test's, which says when records arrive and when iterators and records expire. */
    public static KinesisServer start(Clock clock) {
        return new KinesisServer(0, clock);
    }

    /** Starts on a port that is free, for instance one that a closed server had. */
    public static KinesisServer start(int port) {
        return new KinesisServer(port, Clock.systemUTC());
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + front.port());
    }

    /** This server as suites see it that run on several. */
    public KinesisEndpoint asEndpoint() {
        return new KinesisEndpoint("our own server", endpoint(), REGION, ACCOUNT, Optional.of(this));
    }

    /** What goes wrong from now on. */
    public Faults faults() {
        return faults;
    }

    /** What was called so far. */
    public Calls calls() {
        return calls;
    }

    /** Changes the server's numbers and habits. */
    public void configure(UnaryOperator<ServerSettings> change) {
        service.configure(change);
    }

    /** A new stream that takes records of up to 10 MiB. */
    public TestStream stream(String name, int shards) {
        return new TestStream(service, service.account().create(name, shards, LARGEST_RECORD));
    }

    /** A stream that was created before, here or over the wire. */
    public TestStream existing(String nameOrArn) {
        return new TestStream(service, service.account().stream(nameOrArn));
    }

    /** Makes every shard iterator that was given out unusable. */
    public void expireIterators() {
        service.expireIterators();
    }

    /** Ends all connections, and with them all subscriptions. The server goes on. */
    public void closeConnections() {
        front.closeConnections();
    }

    /** Stops; what it holds is gone. */
    @Override
    public void close() {
        front.close();
    }
}
