package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.kinesis.model.Account;
import dev.millrace.testkit.kinesis.model.Refusal;
import dev.millrace.testkit.kinesis.operation.Operations;
import dev.millrace.testkit.kinesis.operation.Request;
import dev.millrace.testkit.kinesis.operation.ServerSettings;
import dev.millrace.testkit.kinesis.operation.Service;
import dev.millrace.testkit.kinesis.wire.Answer;
import dev.millrace.testkit.kinesis.wire.HttpFront;
import dev.millrace.testkit.kinesis.wire.HttpReply;
import dev.millrace.testkit.kinesis.wire.HttpRequest;
import dev.millrace.testkit.kinesis.wire.Protocol;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A server that speaks Kinesis's protocol on loopback, streams in memory. Thread-safe.
 */
public final class KinesisServer implements AutoCloseable {

    public static final String REGION = "us-east-1";
    public static final String ACCOUNT = "000000000000";

    private static final long LARGEST_RECORD = 10 * 1024 * 1024;

    private final Service service;
    private final Operations operations;
    private final HttpFront front;

    private KinesisServer(int port, Clock clock) {
        this.service = new Service(new Account(REGION, ACCOUNT, clock));
        this.operations = new Operations(service);
        this.front = HttpFront.start(port, this::handle);
    }

    /** Starts on a free port. */
    public static KinesisServer start() {
        return start(Clock.systemUTC());
    }

    /** Starts on a free port with a clock of the test's, which says when records arrive and when iterators and records expire. */
    public static KinesisServer start(Clock clock) {
        return new KinesisServer(0, clock);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + front.port());
    }

    public void configure(UnaryOperator<ServerSettings> change) {
        service.configure(change);
    }

    /** A new stream that takes records of up to 10 MiB. */
    public TestStream stream(String name, int shards) {
        return new TestStream(service, service.account().create(name, shards, LARGEST_RECORD));
    }

    /** Makes every shard iterator that was given out unusable. */
    public void expireIterators() {
        service.expireIterators();
    }

    private void handle(HttpRequest request, HttpReply reply) throws IOException, InterruptedException {
        Protocol protocol = Protocol.of(request.header("Content-Type")).orElse(Protocol.JSON);
        String target = request.header("X-Amz-Target");
        String operation = target.substring(target.indexOf('.') + 1);
        try {
            Answer answer = operations.run(operation, Request.read(protocol, request.body()));
            reply.send(200, headers(protocol), protocol.write(answer));
        } catch (Refusal e) {
            Answer answer = fields -> {
                fields.text("__type", e.code());
                fields.text("message", e.explanation());
            };
            reply.send(e.status(), headers(protocol), protocol.write(answer));
        }
    }

    private static Map<String, String> headers(Protocol protocol) {
        return Map.of(
                "Content-Type",
                protocol.contentType(),
                "x-amzn-requestid",
                UUID.randomUUID().toString());
    }

    @Override
    public void close() {
        front.close();
    }
}
