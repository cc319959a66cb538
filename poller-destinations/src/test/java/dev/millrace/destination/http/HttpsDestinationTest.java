package dev.millrace.destination.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.TestCertificates;
import dev.millrace.testkit.destination.DestinationContract;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit sets the fixtures before any test.
class HttpsDestinationTest {

    @TempDir
    private Path folder;

    private final HttpDestinationProvider provider = new HttpDestinationProvider();
    private SSLContext ordinary;
    private SSLContext ours;
    private FunctionServer server;

    @BeforeEach
    void start() throws Exception {
        ordinary = SSLContext.getDefault();
        ours = TestCertificates.in(folder).issue("server", "EC", "ip:127.0.0.1").serverContext("server");
        server = FunctionServer.startTls(ours, false);
    }

    @AfterEach
    void stop() {
        SSLContext.setDefault(ordinary);
        provider.close();
        server.close();
    }

    @Test
    void postsToServersThatTheJvmTrusts() throws Exception {
        SSLContext.setDefault(ours);
        InvocationRecord record = DestinationContract.record("safe", 100_000);

        open().deliver(record);

        assertThat(server.calls())
                .extracting(FunctionCall::text)
                .containsExactly(record.withPayload().text());
    }

    @Test
    void doesNotPostToOthers() {
        DestinationException failure = catchThrowableOfType(
                DestinationException.class, () -> open().deliver(DestinationContract.record("unsafe", 0)));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll("no TLS connection", "check the server's certificate");
        assertThat(server.calls()).isEmpty();
    }

    private Destination open() {
        return provider.open(server.url().toString(), false, new AwsSettings("us-east-1", "000000000000", Map.of()));
    }
}
