package dev.millrace.testkit;

import java.net.URI;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/**
 * An SQS-compatible server in this JVM, on loopback, queues in memory. Its ARNs are of {@value #REGION} and account
 * {@value #ACCOUNT}. Starting takes 2 to 4 s, so share one per test class.
 *
 * <p>Differs from SQS: a stale receipt handle is refused, sequence numbers are small, {@code SenderId} is an address.
 */
public final class ElasticMqServer implements AutoCloseable {

    public static final String REGION = "us-east-1";
    public static final String ACCOUNT = "000000000000";

    private static final String HOST = "127.0.0.1";

    private final SQSRestServer server;
    private final URI endpoint;

    private ElasticMqServer(SQSRestServer server) {
        this.server = server;
        this.endpoint = URI.create("http://" + HOST + ":"
                + server.waitUntilStarted().localAddress().getPort());
    }

    /** Starts on a free port and waits until it answers. */
    public static ElasticMqServer start() {
        return start(0);
    }

    /** Starts on the given port, for instance one that a stopped server had, and waits until it answers. */
    public static ElasticMqServer start(int port) {
        return new ElasticMqServer(SQSRestServerBuilder.withPort(port)
                .withInterface(HOST)
                .withAWSRegion(REGION)
                .withAWSAccountId(ACCOUNT)
                .start());
    }

    public URI endpoint() {
        return endpoint;
    }

    public static String arn(String queueName) {
        return "arn:aws:sqs:" + REGION + ":" + ACCOUNT + ":" + queueName;
    }

    /** Stops and forgets all queues. */
    @Override
    public void close() {
        server.stopAndWait();
    }
}
