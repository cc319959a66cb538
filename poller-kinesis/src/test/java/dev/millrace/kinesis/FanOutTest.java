package dev.millrace.kinesis;

import dev.millrace.testkit.kinesis.KinesisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Reading by enhanced fan-out, on the test kit's server. */
@SuppressWarnings("NullAway.Init") // JUnit sets the static fixture before any test
class FanOutTest extends KinesisStreamContract {

    private static KinesisServer server;
    private static KinesisStreams streams;

    @BeforeAll
    static void start() {
        server = KinesisServer.start();
        streams = new KinesisStreams(server.endpoint());
    }

    @AfterAll
    static void stop() {
        streams.close();
        server.close();
    }

    @Override
    protected KinesisStreams streams() {
        return streams;
    }

    @Override
    protected String source(String name) {
        return streams.consumer(name);
    }

    @Override
    protected String missingSource() {
        return KinesisStreams.arn("missing") + "/consumer/millrace:1767225600";
    }
}
