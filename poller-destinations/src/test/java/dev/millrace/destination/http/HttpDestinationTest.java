package dev.millrace.destination.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.destination.DestinationContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDestinationTest extends DestinationContract {

    private static final String SECRETS = "?token=secret";

    private final List<FunctionCall> taken = new ArrayList<>();
    private final HttpDestinationProvider provider = new HttpDestinationProvider();
    private FunctionServer server = FunctionServer.start().always(this::take);
    private final int port = server.port();
    private final Destination destination =
            open("http://us%40er:pass%3Aword@127.0.0.1:" + port + "/discards" + SECRETS);

    private synchronized FunctionAnswer take(FunctionCall call) {
        taken.add(call);
        return FunctionAnswer.status(202, "thank you");
    }

    private Destination open(String url) {
        return provider.open(url, false, new AwsSettings("us-east-1", "000000000000", Map.of()));
    }

    @AfterEach
    void close() {
        destination.close();
        provider.close();
        server.close();
    }

    @Override
    protected Destination destination() {
        return destination;
    }

    @Override
    protected synchronized List<String> arrived() {
        return taken.stream().map(FunctionCall::text).toList();
    }

    @Override
    protected void breakDown() {
        server.close();
    }

    @Override
    protected void hang() {
        server.always(new FunctionAnswer.Hang());
    }

    @Override
    protected void recover() {
        server.close();
        server = FunctionServer.startOn(port).always(this::take);
    }

    @Override
    protected boolean limit() {
        server.always(FunctionAnswer.status(413, "too large"));
        return true;
    }

    @Override
    protected String name() {
        return "http://127.0.0.1:" + port + "/discards";
    }

    @Test
    void postsJsonToTheWholeUrl() throws Exception {
        InvocationRecord record = record("headers", 0);

        destination.deliver(record);

        FunctionCall call = taken.getFirst();
        assertThat(call.method()).isEqualTo("POST");
        assertThat(call.target()).isEqualTo("/discards" + SECRETS);
        assertThat(call.header("Host")).contains("127.0.0.1:" + port);
        assertThat(call.header("Content-Type")).contains("application/json");
        assertThat(call.header("X-Millrace-Record-Id")).contains(record.id().toString());
        assertThat(call.header("Authorization")).contains("Basic dXNAZXI6cGFzczp3b3Jk");
    }

    @ParameterizedTest
    @CsvSource({
        "200, false, false",
        "201, false, false",
        "204, false, false",
        "301, true, false",
        "400, true, true",
        "401, true, false",
        "404, true, false",
        "405, true, false",
        "408, true, false",
        "413, true, true",
        "415, true, false",
        "422, true, true",
        "425, true, false",
        "429, true, false",
        "500, true, false",
        "503, true, false",
    })
    void theStatusDecides(int status, boolean fails, boolean permanent) throws Exception {
        server.next(FunctionAnswer.status(status, status == 204 ? "" : "says the receiver"));
        InvocationRecord record = record("status", 0);

        if (fails) {
            DestinationException failure = failure(record);
            assertThat(failure.permanent()).isEqualTo(permanent);
            assertThat(failure).hasMessageContainingAll(name() + ": answered " + status, "says the receiver");
        } else {
            destination.deliver(record);
        }
        destination.deliver(record);
        assertThat(arrived()).as("the connection is in order").hasSize(1);
    }

    @Test
    void messagesShowNoSecrets() {
        server.close();

        assertThat(failure(record("secret", 0)).getMessage())
                .contains("is the receiver running there?")
                .doesNotContain("secret", "pass", "us%40er");
        assertThat(destination.toString()).doesNotContain("secret", "pass");
    }

    @Test
    void redirectsNameWhereToGo() {
        server.next(FunctionAnswer.status(308, "").header("Location", "https://other.example/"));

        assertThat(failure(record("moved", 0))).hasMessageContaining("name https://other.example/");
    }

    @Test
    void aLongAnswerIsNotReadToItsEnd() throws Exception {
        server.next(FunctionAnswer.ok("x".repeat(10_000_000)));

        destination.deliver(record("long", 0));

        destination.deliver(record("next", 0));
        assertThat(server.connections()).as("the first one was given up").isEqualTo(2);
    }

    @Test
    void anAnswerThatBreaksOffAfterItsStatusIsAnAnswer() throws Exception {
        server.next(FunctionAnswer.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbroken"));

        destination.deliver(record("status only", 0));

        assertThat(server.calls()).hasSize(1);
    }

    @Test
    void connectionsAreKept() throws Exception {
        for (int i = 0; i < 5; i++) {
            destination.deliver(record("kept", 0));
        }

        assertThat(server.connections()).isOne();
    }

    @Test
    void anAnswerThatIsNotHttpIsAFailure() {
        server.next(FunctionAnswer.raw("SSH-2.0-OpenSSH\r\n"));

        assertThat(failure(record("odd", 0)).permanent()).isFalse();
    }

    @Test
    void wrongUrlsAreExplained() {
        assertThat(provider.problem("https://hooks.example/path?x=1")).isEmpty();
        assertThat(provider.problem("http:///path").orElseThrow()).contains("no host name");
        assertThat(provider.problem("http://a b/").orElseThrow()).contains("not a URL");
        assertThat(provider.problem("http://a/#b").orElseThrow()).contains("fragment");
        assertThat(provider.problem("http:").orElseThrow()).contains("not a URL");
        assertThat(provider.serves("HTTPS://a/")).isTrue();
        assertThat(provider.serves("ftp://a/")).isFalse();
    }
}
