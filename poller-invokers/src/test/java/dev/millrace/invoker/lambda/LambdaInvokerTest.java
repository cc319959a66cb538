package dev.millrace.invoker.lambda;

import static dev.millrace.testkit.FunctionAnswer.ok;
import static dev.millrace.testkit.FunctionAnswer.raw;
import static dev.millrace.testkit.FunctionAnswer.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.ServicePlace;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationOutcome.TooLarge;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LambdaInvokerTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofMillis(100);
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    private final FunctionServer server = FunctionServer.start();
    private final List<Invoker> opened = new ArrayList<>();

    @AfterEach
    void closeAll() {
        opened.forEach(Invoker::close);
        server.close();
    }

    @Test
    void callsTheInvokeApi() throws Exception {
        Invoker invoker = open("arn:aws:lambda:us-east-1:123456789012:function:orders", "prod");
        server.next(ok("{\"batchItemFailures\":[]}").header("X-Amz-Executed-Version", "7"));

        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Succeeded.class, it -> assertThat(it.answer().text()).isEqualTo("{\"batchItemFailures\":[]}"));

        FunctionCall call = server.calls().getFirst();
        assertThat(call.method()).isEqualTo("POST");
        assertThat(call.target())
                .isEqualTo("/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aorders"
                        + "/invocations?Qualifier=prod");
        assertThat(call.text()).isEqualTo("{}");
        assertThat(call.header("X-Amz-Invocation-Type")).contains("RequestResponse");
        assertThat(call.header("X-Amzn-Trace-Id"))
                .contains("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
        assertThat(call.header("Authorization").orElse("")).contains("/us-east-1/lambda/aws4_request");
        assertThat(call.header("User-Agent").orElse("")).endsWith("millrace");
    }

    @Test
    void keepsConnectionsAlive() throws Exception {
        Invoker invoker = open();
        for (int i = 0; i < 10; i++) {
            assertThat(invoke(invoker)).isInstanceOf(Succeeded.class);
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void readsTheErrorBehindTheFunctionErrorHeader() throws Exception {
        server.next(
                ok("{\"errorMessage\":\"no stock\",\"errorType\":\"OutOfStock\",\"stackTrace\":[]}")
                        .header("X-Amz-Function-Error", "Unhandled"),
                ok("{\"errorMessage\":\"2026-01-01T00:00:00Z 5d1f Task timed out after 3.00 seconds\"}")
                        .header("X-Amz-Function-Error", "Unhandled"),
                ok("").header("X-Amz-Function-Error", "Handled"));
        Invoker invoker = open();

        assertThat(invoke(invoker)).isEqualTo(new FunctionError("OutOfStock", "no stock"));
        assertThat(invoke(invoker))
                .isEqualTo(new FunctionError(
                        "Sandbox.Timedout", "2026-01-01T00:00:00Z 5d1f Task timed out after 3.00 seconds"));
        assertThat(invoke(invoker)).isEqualTo(new FunctionError("Handled", ""));
    }

    @Test
    void anErrorBodyWithoutTheHeaderIsAnAnswerInTheCloud() throws Exception {
        server.next(ok("{\"errorMessage\":\"m\",\"errorType\":\"T\"}"));

        assertThat(invoke(open())).isInstanceOf(Succeeded.class);
    }

    @Test
    void throttlesTellTheirReasonAndWhenToComeBack() throws Exception {
        server.next(
                error(
                                429,
                                "TooManyRequestsException",
                                "{\"Reason\":\"ReservedFunctionConcurrentInvocationLimitExceeded\","
                                        + "\"message\":\"Rate Exceeded.\"}")
                        .header("Retry-After", "4"),
                error(429, "TooManyRequestsException", "{\"Reason\":\"CallerRateLimitExceeded\"}")
                        .header("Retry-After", "Tue, 03 Feb 2026 04:05:16 GMT"),
                error(429, "ThrottlingException", "{\"message\":\"slow down\"}"));
        Invoker invoker = open();

        assertThat(invoke(invoker))
                .isEqualTo(new Throttled("ReservedFunctionConcurrentInvocationLimitExceeded", Duration.ofSeconds(4)));
        assertThat(invoke(invoker)).isEqualTo(new Throttled("CallerRateLimitExceeded", Duration.ofSeconds(10)));
        assertThat(invoke(invoker))
                .isEqualTo(new Throttled("HTTP status 429 ThrottlingException: slow down", Duration.ZERO));
        assertThat(server.calls()).as("the SDK does not retry").hasSize(3);
    }

    @Test
    void status413IsTooLarge() throws Exception {
        server.next(error(
                413,
                "RequestTooLargeException",
                "{\"Message\":\"Request must be smaller than 6291456 bytes for the InvokeFunction operation\"}"));

        assertThat(invoke(open()))
                .isInstanceOfSatisfying(
                        TooLarge.class,
                        it -> assertThat(it.reason())
                                .contains("HTTP status 413 RequestTooLargeException: ", "6291456"));
    }

    @ParameterizedTest
    @CsvSource({
        "400, InvalidParameterValueException, ''",
        "400, InvalidRequestContentException, ''",
        "400, SnapStartException, ''",
        "400, RecursiveInvocationException, the function feeds the source that invokes it",
        "402, ServiceQuotaExceededException, ''",
        "403, AccessDeniedException, allow lambda:InvokeFunction",
        "403, ExpiredTokenException, credentials",
        "403, EFSMountFailureException, file system",
        "404, ResourceNotFoundException, 'check FunctionName, Qualifier and Region'",
        "408, EFSMountTimeoutException, ''",
        "409, ResourceConflictException, 'being created, updated or restored'",
        "410, EFSIOException, ''",
        "415, UnsupportedMediaTypeException, ''",
        "500, ServiceException, ''",
        "502, ENILimitReachedException, check its network",
        "502, KMSAccessDeniedException, keys",
        "503, ServiceUnavailable, ''",
        "504, GatewayTimeout, ''"
    })
    void everyOtherRefusalIsUnavailableWithItsCodeAndARemedy(int status, String code, String remedy) throws Exception {
        server.next(error(status, code, "{\"Message\":\"says why\"}").header("Retry-After", "2"));

        assertThat(invoke(open("orders", "prod"))).isInstanceOfSatisfying(Unavailable.class, it -> {
            assertThat(it.reason())
                    .startsWith("function orders:prod at " + server.url() + " cannot be invoked: HTTP status " + status
                            + " " + code + ": says why")
                    .contains(remedy);
            assertThat(it.retryAfter()).isEqualTo(Duration.ofSeconds(2));
        });
        assertThat(server.calls()).as("the SDK does not retry").hasSize(1);
    }

    @Test
    void aRefusalThatIsNotAwsIsShown() throws Exception {
        server.next(status(502, "<html>Bad Gateway</html>"), status(301, "").header("Location", "http://x/"));
        Invoker invoker = open();

        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        it -> assertThat(it.reason()).contains("HTTP status 502", "<html>Bad Gateway</html>"));
        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class, it -> assertThat(it.reason()).contains("HTTP status 301"));
    }

    @Test
    void whatHappensBeforeAnAnswerIsUnavailable() throws Exception {
        server.next(new FunctionAnswer.Reset(), new FunctionAnswer.Close());
        Invoker invoker = open();
        assertThat(invoke(invoker)).isInstanceOf(Unavailable.class);
        assertThat(invoke(invoker)).isInstanceOf(Unavailable.class);
        assertThat(server.calls()).hasSize(2);

        server.close();
        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        it -> assertThat(it.reason())
                                .contains(
                                        "no connection to function orders at " + server.url(), "is it running there?"));
    }

    @Test
    void anUnknownHostIsUnavailable() throws Exception {
        Invoker invoker = LambdaInvoker.open(
                settings(URI.create("http://nowhere.invalid/"), "orders", null, false),
                GRACE,
                InstantSource.fixed(NOW));
        opened.add(invoker);

        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        it -> assertThat(it.reason())
                                .contains("the host of function orders at http://nowhere.invalid/ cannot be resolved"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"batchItem",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ba",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\n\r\n"
            })
    void anAnswerThatBreaksOffIsAFunctionError(String bytes) throws Exception {
        server.next(raw(bytes));

        assertThat(invoke(open()))
                .isInstanceOfSatisfying(
                        FunctionError.class,
                        error -> assertThat(error.errorType()).isEqualTo("Lambda.TruncatedAnswer"));
    }

    @Test
    void anAnswerAboveTheLimitIsNotRead() throws Exception {
        server.next(
                raw("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nxxx"),
                ok("x".repeat(6_291_557)).inChunks(),
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
        assertThat(invoke(invoker)).isInstanceOf(Succeeded.class);
    }

    @Test
    void aRefusalKeepsItsMeaningWhateverItsBody() throws Exception {
        server.next(
                raw("HTTP/1.1 429 No\r\nContent-Length: 10737418240\r\n\r\nxxx"),
                raw("HTTP/1.1 429 No\r\nContent-Length: 100\r\n\r\n{\"Rea"),
                status(503, "y".repeat(7_000_000)));
        Invoker invoker = open();

        assertThat(invoke(invoker)).isInstanceOf(Throttled.class);
        assertThat(invoke(invoker)).isInstanceOf(Throttled.class);
        assertThat(invoke(invoker))
                .isInstanceOfSatisfying(
                        Unavailable.class, it -> assertThat(it.reason()).hasSizeLessThan(1_000));
    }

    @Test
    void lambdasOwnTimeoutHasTheGraceToArrive() throws Exception {
        server.next(FunctionAnswer.after(Duration.ofMillis(1_300), ok("late, after a cold start")));
        Invoker invoker = LambdaInvoker.open(
                new LambdaSettings(
                        new ServicePlace("Lambda", "us-east-1", server.url()),
                        "orders",
                        null,
                        false,
                        10,
                        Duration.ofSeconds(1)),
                Duration.ofSeconds(9),
                InstantSource.fixed(NOW));
        opened.add(invoker);

        assertThat(invoker.invoke(InvokerContract.request(Payload.ofText("{}"), Duration.ofSeconds(1))))
                .isInstanceOf(Succeeded.class);
    }

    @Test
    void anInterruptEndsTheRequestAtTheServerToo() throws Exception {
        server.always(new FunctionAnswer.Hang());
        Invoker invoker = open();
        List<Object> ends = new ArrayList<>();
        Thread caller = Thread.ofVirtual().name("caller").start(() -> {
            try {
                ends.add(invoke(invoker));
            } catch (InterruptedException e) {
                ends.add("interrupted");
            }
        });
        server.awaitCalls(1);
        caller.interrupt();

        assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
        assertThat(ends).containsExactly("interrupted");
        server.awaitAbandoned(1);
    }

    @Test
    void sendsNoTraceHeaderWhereThereIsNone() throws Exception {
        open().invoke(new InvocationRequest("id", "arn", "$LATEST", Payload.ofText("{}"), null, LONG));

        assertThat(server.calls().getFirst().header("X-Amzn-Trace-Id")).isEmpty();
    }

    private static FunctionAnswer.Reply error(int status, String code, String body) {
        return status(status, body).header("X-Amzn-ErrorType", code).header("Content-Type", "application/json");
    }

    private Invoker open() {
        return open("orders", null);
    }

    private Invoker open(String functionName, @Nullable String qualifier) {
        Invoker invoker = LambdaInvoker.open(
                settings(server.url(), functionName, qualifier, false), GRACE, InstantSource.fixed(NOW));
        opened.add(invoker);
        return invoker;
    }

    private static LambdaSettings settings(URI endpoint, String name, @Nullable String qualifier, boolean emulator) {
        return new LambdaSettings(
                new ServicePlace("Lambda", "us-east-1", endpoint), name, qualifier, emulator, 10, LONG);
    }

    private static InvocationOutcome invoke(Invoker invoker) throws InterruptedException {
        return invoker.invoke(InvokerContract.request(Payload.ofText("{}"), LONG));
    }
}
