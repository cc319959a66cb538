package dev.millrace.invoker.process;

import static dev.millrace.invoker.process.Fixture.answer;
import static dev.millrace.invoker.process.Fixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.AnswerReader;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AWS's own Java runtime interface client, unmodified from Maven Central, runs a function as it does at AWS. */
class AwsJavaRuntimeTest {

    private static final String RUNTIME = StartTurn.AWS_JAVA_RUNTIME;
    private static final int WARM_UP = 1_000;
    private static final int MEASURED = 2_000;

    /** Well below the 40 ms of a delayed acknowledgement, well above what a busy build machine adds. */
    private static final Duration MEDIAN_LIMIT = Duration.ofMillis(5);

    @TempDir
    Path directory = Path.of("");

    private Fixture function() {
        return function("sample.OrderHandler::handle");
    }

    private Fixture function(String handler) {
        String classPath = String.join(
                File.pathSeparator,
                Fixture.origin("sample.OrderHandler"),
                Fixture.origin(RUNTIME),
                Fixture.origin("com.amazonaws.services.lambda.runtime.Context"),
                Fixture.origin("com.amazonaws.services.lambda.runtime.serialization.PojoSerializer"));
        return Fixture.shell(directory)
                .set("Handler", handler)
                .command(
                        Fixture.java(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        RUNTIME,
                        handler);
    }

    @Test
    void handlesEventsInOneWarmProcess() throws Exception {
        try (Invoker invoker = function().open()) {
            String first = answer(invoker.invoke(request("{\"id\":1}")));
            String second = answer(invoker.invoke(request("{\"id\":2}")));

            assertThat(first).contains("\"id\":1", "Root=1-5759e988-bd862e3fe1be46a994272793");
            assertThat(second).isEqualTo(first.replace("\"id\":1", "\"id\":2"));
        }
    }

    @Test
    void startsSeveralProcessesThoughTheyUnpackToTheSameFile() throws Exception {
        try (Invoker invoker = function().set("Concurrency", "4").open();
                ExecutorService threads = Fixture.threads()) {
            List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                outcomes.add(Fixture.invokeIn(threads, invoker, request("{\"id\":" + i + "}")));
            }
            for (int i = 0; i < 4; i++) {
                assertThat(answer(outcomes.get(i).get())).contains("\"id\":" + i);
            }
        }
    }

    @Test
    void reportsTheExceptionThatTheFunctionThrew() throws Exception {
        try (Invoker invoker = function().open()) {
            assertThat(invoker.invoke(request("{\"do\":\"throw\"}")))
                    .isEqualTo(
                            new InvocationOutcome.FunctionError("java.lang.IllegalArgumentException", "no such order"));
            assertThat(invoker.invoke(request("{\"id\":1}"))).isInstanceOf(InvocationOutcome.Succeeded.class);
        }
    }

    @Test
    void reportsBatchItemFailures() throws Exception {
        try (Invoker invoker = function().open()) {
            assertThat(AnswerReader.read(invoker.invoke(request("{\"do\":\"batch\"}"))))
                    .isEqualTo(new InvocationOutcome.BatchItemFailures(List.of("2")));
        }
    }

    @Test
    void reportsAFailingConstructor() throws Exception {
        try (Invoker invoker = function().variable("FAIL_IN_CONSTRUCTOR", "1").open()) {
            assertThat(invoker.invoke(request("{}")))
                    .isEqualTo(new InvocationOutcome.FunctionError(
                            "java.lang.IllegalStateException", "the constructor failed"));
        }
    }

    @Test
    void reportsAMissingHandler() throws Exception {
        try (Invoker invoker = function("sample.Nothing::handle").open()) {
            assertThat(invoker.invoke(request("{}")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.FunctionError.class,
                            error -> assertThat(error.message()).contains("sample.Nothing"));
        }
    }

    @Test
    void replacesACrashedAndAHungProcess() throws Exception {
        try (Invoker invoker = function().open()) {
            assertThat(invoker.invoke(request("{\"do\":\"exit\"}")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.FunctionError.class,
                            error -> assertThat(error.message()).endsWith("exit status 3"));
            InvocationRequest hanging = request("{\"do\":\"hang\"}", Duration.ofMillis(500));
            assertThat(invoker.invoke(hanging))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.FunctionError.class,
                            error -> assertThat(error.errorType()).isEqualTo("Sandbox.Timedout"));
            assertThat(invoker.invoke(request("{\"id\":1}"))).isInstanceOf(InvocationOutcome.Succeeded.class);
        }
    }

    @Test
    void carriesLargeEventsAndSurvivesTooLargeAnswers() throws Exception {
        try (Invoker invoker = function().open()) {
            String padding = "x".repeat(6_000_000);
            assertThat(answer(invoker.invoke(request("{\"id\":1,\"padding\":\"" + padding + "\"}"))))
                    .contains("\"id\":1");
            assertThat(invoker.invoke(request("{\"do\":\"answer-too-much\"}")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.FunctionError.class,
                            error -> assertThat(error.errorType()).isEqualTo(FunctionErrors.ANSWER_TOO_LARGE));
            assertThat(invoker.invoke(request("{\"id\":2}"))).isInstanceOf(InvocationOutcome.Succeeded.class);
        }
    }

    @Test
    void addsLittleToEachInvocation() throws Exception {
        try (Invoker invoker = function().open()) {
            for (int i = 0; i < WARM_UP; i++) {
                answer(invoker.invoke(request("{\"id\":1}")));
            }
            long[] nanos = new long[MEASURED];
            for (int i = 0; i < MEASURED; i++) {
                long start = System.nanoTime();
                answer(invoker.invoke(request("{\"id\":1}")));
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            System.out.printf(
                    "Round trip through AWS's Java runtime: median %d us, p99 %d us%n",
                    nanos[MEASURED / 2] / 1_000, nanos[MEASURED * 99 / 100] / 1_000);
            assertThat(Duration.ofNanos(nanos[MEASURED / 2])).isLessThan(MEDIAN_LIMIT);
        }
    }
}
