package dev.millrace.invoker.http;

import static dev.millrace.testkit.FunctionAnswer.ok;
import static dev.millrace.testkit.FunctionAnswer.raw;
import static dev.millrace.testkit.FunctionAnswer.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationOutcome.TooLarge;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.TestConfig;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hc.core5.http.message.BasicHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpInvokerTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final FunctionSettings FUNCTION = TestConfig.function(LONG);
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    private final FunctionServer server = FunctionServer.start();
    private final List<Invoker> opened = new ArrayList<>();

    @AfterEach
    void closeAll() {
        opened.forEach(Invoker::close);
        server.close();
    }

    // ---- what is sent

    @Test
    void postsTheEventWithItsHeadersAndNothingElse() throws Exception {
        InvocationRequest request = new InvocationRequest(
                "5d1f", "arn:aws:lambda:us-east-1:000000000000:function:orders:prod", "7", event(), "Root=1-2", LONG);

        open(settings("run?a=b%20c", new BasicHeader("X-Team", "orders"))).invoke(request);

        FunctionCall call = server.calls().getFirst();
        assertThat(call.method()).isEqualTo("POST");
        assertThat(call.target()).isEqualTo("/run?a=b%20c");
        assertThat(call.text()).isEqualTo("{}");
        assertThat(call.headers())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("Host", "127.0.0.1:" + server.port()),
                        Map.entry("Connection", "keep-alive"),
                        Map.entry("User-Agent", "millrace"),
                        Map.entry("Content-Type", "application/json"),
                        Map.entry("Content-Length", "2"),
                        Map.entry("X-Team", "orders"),
                        Map.entry("X-Amzn-RequestId", "5d1f"),
                        Map.entry("X-Amzn-Trace-Id", "Root=1-2"),
                        Map.entry(
                                "X-Amz-Invoked-Function-Arn",
                                "arn:aws:lambda:us-east-1:000000000000:function:orders:prod"),
                        Map.entry("X-Amz-Executed-Version", "7"),
                        Map.entry(
                                "X-Millrace-Deadline-Ms",
                                Long.toString(NOW.plus(LONG).toEpochMilli()))));
    }

    @Test
    void sendsNoTraceHeaderWhereThereIsNone() throws Exception {
        open().invoke(new InvocationRequest("id", "arn", "$LATEST", event(), null, LONG));

        assertThat(server.calls().getFirst().header("X-Amzn-Trace-Id")).isEmpty();
    }

    @Test
    void aTraceHeaderOfAMessageCannotAddHeaders() throws Exception {
        open().invoke(new InvocationRequest("id", "arn", "$LATEST", event(), "Root=1\r\nX-Evil: yes", LONG));

        assertThat(server.calls().getFirst().header("X-Evil")).isEmpty();
    }

    @Test
    void postsToTheRootWhenTheUrlHasNoPath() throws Exception {
        Invoker invoker =
                TestConfig.open(new HttpInvokerProvider(), FUNCTION, "Url", "http://127.0.0.1:" + server.port());
        opened.add(invoker);

        invoke(invoker);

        assertThat(server.calls().getFirst().target()).isEqualTo("/");
    }

    @Test
    void sendsABearerTokenFromTheConfiguration() throws Exception {
        invoke(open("BearerToken", "s3cret"));

        assertThat(server.calls().getFirst().header("Authorization")).contains("Bearer s3cret");
    }

    @Test
    void readsABearerTokenAgainWhenItsFileIsReplaced(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        Invoker invoker = open("BearerTokenFile", file);
        invoke(invoker);
        Files.move(
                Files.writeString(folder.resolve("token.next"), "other\n"), file, StandardCopyOption.REPLACE_EXISTING);
        invoke(invoker);
        Files.writeString(file, "rewritten in place\n".replace(' ', '-'));
        invoke(invoker);

        assertThat(server.calls())
                .extracting(call -> call.header("Authorization").orElse(""))
                .containsExactly("Bearer first", "Bearer other", "Bearer rewritten-in-place");
    }

    @Test
    void isUnavailableWhileTheTokensFileIsGone(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        Invoker invoker = open("BearerTokenFile", file);
        Files.delete(file);

        assertThat(invoke(invoker))
                .isEqualTo(new Unavailable("the bearer token's file " + file + " does not exist", Duration.ZERO));
        assertThat(server.calls()).isEmpty();
    }

    // ---- what the answer means

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void any2xxIsAnAnswer(int status) throws Exception {
        server.next(status(status, status == 204 ? "" : "{\"a\":1}"));

        assertThat(answer(invoke(open()))).isEqualTo(status == 204 ? "" : "{\"a\":1}");
    }

    @Test
    void takesAnAnswerInChunksAndOneUntilTheConnectionEnds() throws Exception {
        server.next(ok("x".repeat(50_000)).inChunks(), raw("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
        Invoker invoker = open();

        assertThat(answer(invoke(invoker))).isEqualTo("x".repeat(50_000));
        assertThat(answer(invoke(invoker))).isEqualTo("until the end");
    }

    @Test
    void aFunctionErrorHeaderMakesA200AnError() throws Exception {
        server.next(
                ok("{\"errorMessage\":\"no stock\",\"errorType\":\"OutOfStock\"}")
                        .header("X-Amz-Function-Error", "Unhandled"),
                ok("it went wrong").header("X-Amz-Function-Error", "Handled"),
                status(500, "").header("X-Amz-Function-Error", ""));
        Invoker invoker = open();

        assertThat(invoke(invoker)).isEqualTo(new FunctionError("OutOfStock", "no stock"));
        assertThat(invoke(invoker)).isEqualTo(new FunctionError("Handled", "it went wrong"));
        assertThat(invoke(invoker)).isEqualTo(new FunctionError("Unhandled", ""));
    }

    @Test
    void anotherStatusIsAFunctionErrorThatShowsTheBody() throws Exception {
        server.next(
                status(500, "<html>\n  <b>oops</b>\n</html>"),
                status(502, "{\"errorType\":\"Broken\",\"errorMessage\":\"pipe\"}"),
                status(401, ""),
                status(404, "no such page"),
                status(307, "").header("Location", "https://elsewhere/"));
        Invoker invoker = open();

        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError("Http.500", "HTTP status 500: <html> <b>oops</b> </html>"));
        assertThat(invoke(invoker)).isEqualTo(new FunctionError("Broken", "pipe"));
        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Http.401", "HTTP status 401; check the function's Headers, BearerToken or BearerTokenFile"));
        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Http.404",
                        "HTTP status 404: no such page; check the path in the function's Url, which must take a POST"));
        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Http.307", "HTTP status 307; redirects are not followed, set Url to https://elsewhere/"));
        assertThat(server.calls()).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void throttlesHonourRetryAfter(int status) throws Exception {
        server.next(
                status(status, "slow down").header("Retry-After", "7"),
                status(status, "").header("Retry-After", "Tue, 03 Feb 2026 04:05:18 GMT"),
                status(status, "").header("Retry-After", "86400"),
                status(status, ""));
        Invoker invoker = open(settings(""));

        assertThat(invoke(invoker)).isEqualTo(throttled("HTTP status " + status + ": slow down", 7));
        assertThat(invoke(invoker)).isEqualTo(throttled("HTTP status " + status, 12));
        assertThat(invoke(invoker)).isEqualTo(throttled("HTTP status " + status, 900));
        assertThat(invoke(invoker)).isEqualTo(throttled("HTTP status " + status, 0));
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void status413IsTooLarge() throws Exception {
        server.next(status(413, "at most 1 MB"));

        assertThat(invoke(open())).isEqualTo(new TooLarge("HTTP status 413: at most 1 MB"));
    }

    @Test
    void seesA413ThatComesBeforeTheEventWasReadAndTheConnectionEnds() throws Exception {
        // A front end that looks at Content-Length, answers and closes, without reading the event.
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().name("front-end").start(() -> answerEarly(listener));
            Invoker invoker = TestConfig.open(
                    new HttpInvokerProvider(), FUNCTION, "Url", "http://127.0.0.1:" + listener.getLocalPort());
            opened.add(invoker);

            Payload large = Payload.of(new byte[6 * 1024 * 1024]);

            assertThat(invoker.invoke(InvokerContract.request(large, LONG))).isInstanceOf(TooLarge.class);
        }
    }

    private static void answerEarly(ServerSocket listener) {
        try (var socket = listener.accept()) {
            socket.getOutputStream()
                    .write("HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            // What nginx calls lingering close: the rest is thrown away, so that the answer is not lost to a reset.
            long read = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            assertThat(read).isLessThanOrEqualTo(7L * 1024 * 1024);
        } catch (IOException e) {
            // The client went away.
        }
    }

    @Test
    void anAnswerAboveTheLimitIsNotRead() throws Exception {
        server.next(
                raw("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nxxx"),
                ok("x".repeat(6_291_557)).inChunks(),
                ok("x".repeat(6_291_556)).inChunks(),
                ok("x".repeat(6_291_556)));
        Invoker invoker = open();

        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Function.ResponseSizeTooLarge",
                        "Response payload size (10737418240 bytes) exceeded maximum allowed payload size"
                                + " (6291556 bytes)."));
        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Function.ResponseSizeTooLarge",
                        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."));
        assertThat(answer(invoke(invoker))).hasSize(6_291_556);
        assertThat(answer(invoke(invoker))).hasSize(6_291_556);
    }

    @Test
    void anEndlessErrorBodyIsNotRead() throws Exception {
        server.next(
                new FunctionAnswer.Drip(
                        "HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n" + "y".repeat(300_000),
                        Duration.ofMillis(1)),
                ok("next"));
        Invoker invoker = open();

        assertThat(invoke(invoker)).isInstanceOfSatisfying(FunctionError.class, error -> {
            assertThat(error.errorType()).isEqualTo("Http.500");
            assertThat(error.message()).startsWith("HTTP status 500: yyy").hasSizeLessThan(400);
        });
        assertThat(answer(invoke(invoker))).isEqualTo("next");
    }

    // ---- what goes wrong on the way

    @Test
    void refusedConnectionsAreUnavailable() throws Exception {
        server.close();

        assertThat(invoke(open()))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        it -> assertThat(it.reason())
                                .contains(
                                        server.url().toString(),
                                        "Connection refused",
                                        "is the function running there?"));
    }

    @Test
    void unknownHostsAreUnavailable() throws Exception {
        Invoker invoker = TestConfig.open(new HttpInvokerProvider(), FUNCTION, "Url", "http://nowhere.invalid/");
        opened.add(invoker);

        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        it -> assertThat(it.reason())
                                .contains("the host name of http://nowhere.invalid/ cannot be resolved"));
    }

    @Test
    void aConnectionThatIsResetOrClosedBeforeAnAnswerIsUnavailable() throws Exception {
        server.next(new FunctionAnswer.Reset(), new FunctionAnswer.Close());
        Invoker invoker = open();

        for (int i = 0; i < 2; i++) {
            assertThat(invoke(invoker))
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            it -> assertThat(it.reason())
                                    .startsWith(
                                            "the connection to " + server.url() + " was lost before an answer came: "));
        }
        assertThat(server.calls()).as("never retried by itself").hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1 2",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "HTTP/1.1 200 OK\r\nContent-Length: 1",
                "HTTP/1.1 abc Hm\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"
            })
    void whatIsNotACompleteHeadIsAFunctionError(String bytes) throws Exception {
        server.next(raw(bytes));

        assertThat(invoke(open()))
                .isInstanceOfSatisfying(
                        FunctionError.class,
                        error -> assertThat(error.errorType()).isEqualTo("Http.InvalidAnswer"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"batchItem",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ba",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
            })
    void anAnswerThatBreaksOffIsAFunctionError(String bytes) throws Exception {
        server.next(raw(bytes));

        assertThat(invoke(open()))
                .isInstanceOfSatisfying(
                        FunctionError.class,
                        error -> assertThat(error.errorType()).isEqualTo("Http.TruncatedAnswer"));
    }

    @Test
    void anAnswerThatDripsIsATimeout() throws Exception {
        server.next(
                new FunctionAnswer.Drip("HTTP/1.1 200 O", Duration.ofMillis(20)),
                new FunctionAnswer.Drip("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", Duration.ofMillis(20)));
        Invoker invoker = open();

        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            assertThat(invoke(invoker, Duration.ofMillis(1_250))).isInstanceOfSatisfying(FunctionError.class, error -> {
                assertThat(error.errorType()).isEqualTo("Sandbox.Timedout");
                assertThat(error.message()).contains("Task timed out after 1.25 seconds");
            });
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(1_200), Duration.ofSeconds(10));
        }
        server.awaitAbandoned(2);
    }

    @Test
    void aServerThatAcceptsNoConnectionIsUnavailable() throws Exception {
        // The kernel completes the handshakes that fit into the backlog and ignores the others.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Invoker invoker = TestConfig.open(
                    new HttpInvokerProvider(),
                    FUNCTION,
                    "Url",
                    "http://127.0.0.1:" + full.getLocalPort(),
                    "ConnectTimeout",
                    "0.3");
            opened.add(invoker);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    outcomes.add(threads.submit(() -> invoke(invoker, Duration.ofSeconds(3))));
                }
                List<InvocationOutcome> found = new ArrayList<>();
                for (Future<InvocationOutcome> outcome : outcomes) {
                    found.add(outcome.get(20, TimeUnit.SECONDS));
                }
                assertThat(found)
                        .anySatisfy(outcome -> assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        Unavailable.class,
                                        it -> assertThat(it.reason()).contains("within ConnectTimeout")));
            }
        }
    }

    @Test
    void waitingForAFreeConnectionIsBoundedByTheTimeout() throws Exception {
        server.always(new FunctionAnswer.Hang());
        Invoker invoker = open("MaximumConnections", 1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<InvocationOutcome> first = threads.submit(() -> invoke(invoker, Duration.ofSeconds(3)));
            server.awaitCalls(1);

            assertThat(invoke(invoker, Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            it -> assertThat(it.reason())
                                    .contains("all 1 connections are in use (MaximumConnections)"));
            assertThat(first.get(20, TimeUnit.SECONDS)).isInstanceOf(FunctionError.class);
        }
        server.always(ok("free again"));
        assertThat(answer(invoke(invoker))).isEqualTo("free again");
    }

    @Test
    void anInterruptEndsTheRequestAtTheServerTooAlsoOnAPlatformThread() throws Exception {
        server.always(new FunctionAnswer.Hang());
        Invoker invoker = open();
        for (Thread.Builder builder : List.of(Thread.ofVirtual(), Thread.ofPlatform())) {
            int before = server.calls().size();
            List<Object> ends = new ArrayList<>();
            Thread caller = builder.name("caller").start(() -> {
                try {
                    ends.add(invoke(invoker));
                } catch (InterruptedException e) {
                    ends.add("interrupted");
                }
            });
            server.awaitCalls(before + 1);
            caller.interrupt();

            assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
            assertThat(ends).containsExactly("interrupted");
            server.awaitAbandoned(before + 1);
        }
    }

    // ---- connections

    @Test
    void keepsConnectionsAlive() throws Exception {
        Invoker invoker = open();
        for (int i = 0; i < 20; i++) {
            assertThat(invoke(invoker)).isInstanceOf(Succeeded.class);
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void anIdleConnectionThatTheServerHasClosedIsNotNoticed() throws Exception {
        Invoker invoker = open();
        for (int round = 0; round < 5; round++) {
            assertThat(invoke(invoker)).isInstanceOf(Succeeded.class);
            server.closeConnections();
            // Longer than a connection is trusted without a look at it.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
        }
        assertThat(server.calls()).hasSize(5);
    }

    @Test
    void anUnannouncedCloseRightAfterAnAnswerIsAtWorstUnavailable() throws Exception {
        server.always(ok("{}").thenClose());
        Invoker invoker = open();
        for (int i = 0; i < 20; i++) {
            assertThat(invoke(invoker)).isInstanceOfAny(Succeeded.class, Unavailable.class);
        }
    }

    @Test
    void leavesAConnectionBeforeTheServersKeepAliveEnds() throws Exception {
        server.always(ok("{}").header("Keep-Alive", "timeout=1"));
        Invoker invoker = open();
        invoke(invoker);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(600));
        invoke(invoker);

        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void letsIdleConnectionsGoWithoutBeingUsedAgain() throws Exception {
        server.always(ok("{}").header("Keep-Alive", "timeout=1"));
        Invoker invoker = open();
        for (int round = 0; round < 2; round++) {
            invoke(invoker);
            server.awaitNoConnections();
        }
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void takesAsManyInvocationsAsItHasConnections() {
        assertThat(open("MaximumConnections", 7).capacity()).hasValue(7);
    }

    @Test
    void openingConnectsToNothing() {
        open();

        assertThat(server.connections()).isZero();
    }

    // ---- in short

    private Invoker open(Object... keysAndValues) {
        List<Object> all = new ArrayList<>(List.of("Url", server.url()));
        all.addAll(List.of(keysAndValues));
        Invoker invoker = TestConfig.open(new HttpInvokerProvider(), FUNCTION, all.toArray());
        opened.add(invoker);
        return invoker;
    }

    private Invoker open(HttpSettings settings) {
        Invoker invoker = HttpInvoker.open(FUNCTION, settings, InstantSource.fixed(NOW));
        opened.add(invoker);
        return invoker;
    }

    private HttpSettings settings(String path, BasicHeader... headers) {
        URI url = server.url().resolve(path);
        return new HttpSettings(url, List.of(headers), null, null, 10, Duration.ofSeconds(5));
    }

    private static Payload event() {
        return Payload.ofText("{}");
    }

    private static InvocationOutcome invoke(Invoker invoker) throws InterruptedException {
        return invoke(invoker, LONG);
    }

    private static InvocationOutcome invoke(Invoker invoker, Duration timeout) throws InterruptedException {
        return invoker.invoke(InvokerContract.request(event(), timeout));
    }

    private static Throttled throttled(String reason, int seconds) {
        return new Throttled(reason, Duration.ofSeconds(seconds));
    }

    private static String answer(InvocationOutcome outcome) {
        assertThat(outcome).isInstanceOf(Succeeded.class);
        return ((Succeeded) outcome).answer().text();
    }
}
