package dev.millrace.invoker.process;

import static dev.millrace.testkit.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.process.RuntimeSession.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Runtime API on the wire, with right calls and wrong ones. */
class RuntimeApiTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Invocation EVENT = new Invocation(
            "id-1", "arn:aws:lambda:x", "Root=1;\r\nEvil: yes", Payload.ofText("{\"a\":1}"), Instant.ofEpochMilli(7));

    private final RuntimeSession session = new RuntimeSession();
    private LoopbackServer server;
    private RawClient client;

    RuntimeApiTest() throws IOException {
        server = new LoopbackServer("test", FunctionErrors.LARGEST_ANSWER, new RuntimeApi(session));
        client = new RawClient(server.address());
    }

    @BeforeEach
    void getReady() throws Exception {
        client.get("invocation/next");
        assertThat(session.awaitReady(SOON)).isInstanceOf(RuntimeSession.Start.Ready.class);
    }

    @AfterEach
    void closeAll() throws IOException {
        client.close();
        server.close();
    }

    private void takeEvent() throws IOException {
        session.offer(EVENT);
        assertThat(client.read().body()).isEqualTo("{\"a\":1}");
    }

    private InvocationOutcome outcome() throws InterruptedException {
        if (session.await(SOON) instanceof Progress.Answered(InvocationOutcome outcome)) {
            return outcome;
        }
        throw new AssertionError("no answer");
    }

    private static void assertError(RawClient.Response response, int status, String errorType, String message) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.headers()).containsEntry("content-type", "application/json");
        assertThat(response.body().strip())
                .isEqualTo("{\"errorMessage\":\"" + message + "\",\"errorType\":\"" + errorType + "\"}");
    }

    @Test
    void handsOutTheEventWithItsHeadersAndNoneSmuggledIn() throws Exception {
        session.offer(EVENT);

        RawClient.Response response = client.read();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"a\":1}");
        assertThat(response.headers())
                .containsEntry("lambda-runtime-aws-request-id", "id-1")
                .containsEntry("lambda-runtime-deadline-ms", "7")
                .containsEntry("lambda-runtime-invoked-function-arn", "arn:aws:lambda:x")
                .containsEntry("lambda-runtime-trace-id", "Root=1;??Evil: yes")
                .doesNotContainKey("evil");
    }

    @Test
    void acceptsAnswersOnTheSameConnection() throws Exception {
        for (int i = 0; i < 3; i++) {
            takeEvent();
            RawClient.Response accepted =
                    client.post("invocation/id-1/response", "done").read();

            assertThat(accepted.status()).isEqualTo(202);
            assertThat(accepted.body().strip()).isEqualTo("{\"status\":\"OK\"}");
            assertThat(outcome())
                    .isInstanceOfSatisfying(
                            InvocationOutcome.Succeeded.class,
                            succeeded -> assertThat(succeeded.answer().text()).isEqualTo("done"));
            client.get("invocation/next");
        }
    }

    @Test
    void refusesAnUnknownRequestId() throws Exception {
        takeEvent();

        assertError(
                client.post("invocation/other/response", "x").read(), 400, "InvalidRequestID", "Invalid request ID");
        assertError(client.post("invocation/other/error", "x").read(), 400, "InvalidRequestID", "Invalid request ID");
        assertError(client.post("invocation//error", "x").read(), 400, "InvalidRequestID", "Invalid request ID");
        assertThat(client.post("invocation/id-1/response", "x").read().status()).isEqualTo(202);
    }

    @Test
    void refusesASecondAnswer() throws Exception {
        takeEvent();
        client.post("invocation/id-1/response", "first").read();

        assertError(
                client.post("invocation/id-1/error", "{}").read(),
                403,
                "InvalidStateTransition",
                "State transition from ResponseSent to InvocationErrorResponse failed for runtime."
                        + " Error: State transition is not allowed");
        assertThat(outcome()).isInstanceOf(InvocationOutcome.Succeeded.class);
        assertThat(client.post("invocation/id-1/response", "late").read().status())
                .isEqualTo(403);
    }

    @Test
    void refusesAnotherEventBeforeTheAnswer() throws Exception {
        takeEvent();

        assertError(
                client.get("invocation/next").read(),
                403,
                "InvalidStateTransition",
                "State transition from Running to Ready failed for runtime. Error: State transition is not allowed");
    }

    @Test
    void refusesAnInitErrorAfterTheFirstEventWasAskedFor() throws Exception {
        takeEvent();

        assertThat(client.post("init/error", "{}").read().status()).isEqualTo(403);
    }

    @Test
    void givesTheEventToTheLaterOfTwoThatAsk() throws Exception {
        try (RawClient second = new RawClient(server.address())) {
            second.get("invocation/next");
            assertThat(client.read().status()).isEqualTo(403);
            session.offer(EVENT);

            assertThat(second.read().body()).isEqualTo("{\"a\":1}");
        }
    }

    @Test
    void offersTheEventAgainWhenItCannotBeWritten() throws Exception {
        byte[] large = new byte[FunctionErrors.LARGEST_ANSWER];
        client.close();
        session.offer(new Invocation("id-2", "arn", null, Payload.of(large), Instant.EPOCH));

        try (RawClient second = new RawClient(server.address())) {
            until("the event is taken again", () -> sizeOfNext(second) == large.length);
        }
    }

    private static int sizeOfNext(RawClient client) {
        try {
            return client.get("invocation/next").read().body().length();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void readsAnErrorWithItsTypeFromBodyOrHeader() throws Exception {
        takeEvent();
        client.send("POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1\r\n"
                + "Lambda-Runtime-Function-Error-Type: Runtime.Odd\r\nContent-Length: 8\r\n\r\nnot JSON");

        assertThat(client.read().status()).isEqualTo(202);
        assertThat(outcome()).isEqualTo(new InvocationOutcome.FunctionError("Runtime.Odd", "not JSON"));
    }

    @Test
    void anErrorWithoutAnyNameIsOfUnknownType() throws Exception {
        takeEvent();
        client.post("invocation/id-1/error", "{\"errorMessage\":\"m\"}").read();

        assertThat(outcome()).isEqualTo(new InvocationOutcome.FunctionError("Function.Unknown", "m"));
    }

    @Test
    void readsAStreamedAnswer() throws Exception {
        takeEvent();
        client.send(streamed("5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"));

        assertThat(client.read().status()).isEqualTo(202);
        assertThat(outcome())
                .isInstanceOfSatisfying(
                        InvocationOutcome.Succeeded.class,
                        succeeded -> assertThat(succeeded.answer().text()).isEqualTo("hello!"));
    }

    @Test
    void readsAnErrorInTheMiddleOfAStream() throws Exception {
        takeEvent();
        String report = Base64.getEncoder()
                .encodeToString(
                        "{\"errorType\":\"Late\",\"errorMessage\":\"too bad\"}".getBytes(StandardCharsets.UTF_8));
        client.send(streamed("5\r\nhello\r\n0\r\nLambda-Runtime-Function-Error-Type: Runtime.Streamed\r\n"
                + "Lambda-Runtime-Function-Error-Body: " + report + "\r\n\r\n"));

        assertThat(client.read().status()).isEqualTo(202);
        assertThat(outcome()).isEqualTo(new InvocationOutcome.FunctionError("Late", "too bad"));
    }

    private static String streamed(String chunks) {
        return "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                + "Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n" + chunks;
    }

    @Test
    void refusesATooLargeStreamAndKeepsTheConnection() throws Exception {
        takeEvent();
        String chunk = "400000\r\n" + "x".repeat(0x400000) + "\r\n";
        client.send(streamed(chunk + chunk + "0\r\n\r\n"));

        assertError(
                client.read(), 413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).");
        assertThat(outcome())
                .isInstanceOfSatisfying(
                        InvocationOutcome.FunctionError.class,
                        error -> assertThat(error.errorType()).isEqualTo("Function.ResponseSizeTooLarge"));
        client.get("invocation/next");
        takeEvent();
    }

    @ParameterizedTest
    @CsvSource({"6291556, 202", "6291557, 413"})
    void takesAnswersUpToTheLimit(int size, int status) throws Exception {
        takeEvent();

        assertThat(client.post("invocation/id-1/response", "x".repeat(size))
                        .read()
                        .status())
                .isEqualTo(status);
    }

    @Test
    void asksForTheBodyThatAClientHoldsBack() throws Exception {
        takeEvent();
        client.send(heldBack(4));
        assertThat(client.read().status()).isEqualTo(100);

        assertThat(client.send("done").read().status()).isEqualTo(202);
    }

    @Test
    void refusesATooLargeBodyThatAClientHoldsBackWithoutAskingForIt() throws Exception {
        takeEvent();
        client.send(heldBack(7_000_000));

        RawClient.Response response = client.read();

        assertThat(response.status()).isEqualTo(413);
        assertThat(response.headers()).containsEntry("connection", "close");
        assertThat(client.ended()).isTrue();
    }

    private static String heldBack(int length) {
        return "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: "
                + length + "\r\n\r\n";
    }

    @Test
    void endsTheConnectionOfAnOldClient() throws Exception {
        takeEvent();
        client.send("POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.0\r\nContent-Length: 1\r\n\r\nx");

        assertThat(client.read().headers()).containsEntry("connection", "close");
        assertThat(client.ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/2018-06-01/runtime/", "/", "/2020-01-01/extension/register", "/2018-06-01/ping"})
    void knowsNoOtherPath(String path) throws Exception {
        takeEvent();

        assertThat(client.send("GET " + path + " HTTP/1.1\r\n\r\n").read().status())
                .isEqualTo(404);
    }

    @Test
    void refusesOtherMethods() throws Exception {
        takeEvent();

        assertThat(client.post("invocation/next", "").read().status()).isEqualTo(405);
        assertThat(client.get("invocation/id-1/response").read().status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n\r\n",
                "GET /x HTTP/2\r\n\r\n",
                "GET /x HTTP/1.1\r\nno colon\r\n\r\n",
                "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST /x HTTP/1.1\r\nContent-Length: many\r\n\r\n",
                "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
            })
    void refusesWhatIsNotHttpAndEndsTheConnection(String text) throws Exception {
        takeEvent();

        assertThat(client.send(text).read().status()).isEqualTo(400);
        assertThat(client.ended()).isTrue();
    }

    @Test
    void endsAnEndlessHead() throws Exception {
        takeEvent();
        client.send("GET / HTTP/1.1\r\nX: " + "x".repeat(1024 * 1024) + "\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(400);
    }

    @Test
    void anAnswerCountsEvenWhenTheProcessEndsRightAfterIt() throws Exception {
        takeEvent();
        client.post("invocation/id-1/response", "x").read();
        session.end(new RuntimeSession.End.Exited(1));

        assertThat(outcome()).isInstanceOf(InvocationOutcome.Succeeded.class);
        assertThat(session.usable()).isFalse();
    }

    @Test
    void closingEndsACallThatWaits() throws Exception {
        server.close();

        assertThat(client.ended()).isTrue();
    }
}
