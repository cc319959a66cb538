package dev.millrace.invoker.lambda;

import static dev.millrace.testkit.FunctionAnswer.ok;
import static dev.millrace.testkit.FunctionAnswer.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.function.BreakerSettings;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.TestConfig;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The four traps of the Runtime Interface Emulator (spec 7.4). */
final class RuntimeEmulatorTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final FunctionServer server = FunctionServer.start();
    private final Invoker invoker = TestConfig.open(
            new LambdaInvokerProvider(),
            TestConfig.function(LONG),
            "Endpoint",
            "http://127.0.0.1:" + server.port(),
            "RuntimeInterfaceEmulator",
            true);

    @AfterEach
    void closeAll() {
        invoker.close();
        server.close();
    }

    @Test
    void callsTheFixedPathWithoutASignature() throws Exception {
        assertThat(invoke()).isInstanceOf(Succeeded.class);

        FunctionCall call = server.calls().getFirst();
        assertThat(call.target()).isEqualTo("/2015-03-31/functions/function/invocations");
        assertThat(call.header("Authorization")).isEmpty();
    }

    @Test
    void trap1AnErrorIsToldOnlyByTheBody() throws Exception {
        server.next(
                ok("{\"errorMessage\":\"no stock\",\"errorType\":\"OutOfStock\",\"stackTrace\":[\"a\"]}"),
                ok("{\"errorType\":\"java.lang.NullPointerException\",\"stackTrace\":[]}"),
                ok("{\"batchItemFailures\":[{\"itemIdentifier\":\"errorType errorMessage\"}]}"),
                ok("\"errorMessage errorType\""));

        assertThat(invoke()).isEqualTo(new FunctionError("OutOfStock", "no stock"));
        assertThat(invoke()).isEqualTo(new FunctionError("java.lang.NullPointerException", ""));
        assertThat(invoke()).isInstanceOf(Succeeded.class);
        assertThat(invoke()).isInstanceOf(Succeeded.class);
    }

    @Test
    void trap2ATimeoutIsPlainTextWithStatus200() throws Exception {
        server.next(ok("Task timed out after 3.00 seconds"), ok("\"Task timed out after 3.00 seconds\""));

        assertThat(invoke()).isEqualTo(new FunctionError("Sandbox.Timedout", "Task timed out after 3.00 seconds"));
        assertThat(invoke()).as("a function that says so").isInstanceOf(Succeeded.class);
    }

    @Test
    void trap3OneInvocationAtATime() throws Exception {
        server.always(FunctionAnswer.after(Duration.ofMillis(20), ok("{}")));
        FunctionGate gate = new FunctionGate(
                "orders-fn",
                new FunctionGate.Limits(OptionalInt.empty(), BreakerSettings.DEFAULT),
                Map.of(FunctionSettings.LATEST, new FunctionGate.Version(invoker, LONG)),
                Map.of());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                outcomes.add(threads.submit(() -> gate.invoke(InvokerContract.request(Payload.ofText("{}"), LONG))));
            }
            for (Future<InvocationOutcome> outcome : outcomes) {
                assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
            }
        }
        assertThat(server.mostConcurrentCalls()).isEqualTo(1);
        assertThat(gate.concurrencyLimit(null)).as("what mappings ask for").isEqualTo(OptionalInt.of(1));
    }

    @Test
    void trap3AnEmulatorThatIsBusyWithAnotherClientThrottles() throws Exception {
        server.next(status(400, ""), status(400, "{\"Message\":\"bad request\"}"));

        assertThat(invoke())
                .isInstanceOfSatisfying(
                        Throttled.class, it -> assertThat(it.reason()).startsWith("ConcurrentInvocationLimitExceeded"));
        assertThat(invoke()).isInstanceOf(Unavailable.class);
    }

    @Test
    void trap4ADeadFunctionIsAnErrorAndAnEmulatorInTroubleIsUnavailable() throws Exception {
        server.next(
                status(
                        502,
                        "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: 1 Error: exit status 1\"}"),
                status(502, ""),
                status(504, ""),
                status(500, ""));

        assertThat(invoke()).isEqualTo(new FunctionError("Runtime.ExitError", "RequestId: 1 Error: exit status 1"));
        assertThat(invoke())
                .isInstanceOfSatisfying(
                        FunctionError.class,
                        error -> assertThat(error.errorType()).isEqualTo("Runtime.ExitError"));
        assertThat(invoke()).isInstanceOf(Unavailable.class);
        assertThat(invoke()).isInstanceOf(Unavailable.class);
    }

    @Test
    void theNewerEmulatorNamesErrorsInAHeader() throws Exception {
        server.next(
                status(500, "{\"errorMessage\":\"m\",\"errorType\":\"T\"}").header("Error-Type", "Function.Unknown"),
                status(500, "").header("Error-Type", "Runtime.ExitError"));

        assertThat(invoke()).isEqualTo(new FunctionError("T", "m"));
        assertThat(invoke()).isEqualTo(new FunctionError("Runtime.ExitError", ""));
    }

    private InvocationOutcome invoke() throws InterruptedException {
        return invoker.invoke(InvokerContract.request(Payload.ofText("{}"), LONG));
    }
}
