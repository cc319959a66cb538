package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.aws.ServicePlace;
import dev.millrace.testkit.Eventually;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

class LeaseClientsTest {

    /** Whatever the SDK's defaults are: the library's next turn is the next attempt. */
    @Test
    void triesACallThatFailsAtOnceFourTimes() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        HttpServer broken = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        broken.createContext("/", exchange -> {
            attempts.incrementAndGet();
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        broken.start();
        URI endpoint = URI.create("http://127.0.0.1:" + broken.getAddress().getPort());
        try (LeaseClients clients =
                new LeaseClients(new ServicePlace("DynamoDB", "us-east-1", endpoint), "node", Preset.FAST.failover())) {
            assertThat(clients.leases().listTables())
                    .failsWithin(Eventually.PATIENCE)
                    .withThrowableThat()
                    .withCauseInstanceOf(DynamoDbException.class);

            assertThat(attempts).hasValue(4);
        } finally {
            broken.stop(0);
        }
    }
}
