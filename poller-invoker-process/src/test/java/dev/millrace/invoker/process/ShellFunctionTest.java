package dev.millrace.invoker.process;

import static dev.millrace.invoker.process.Fixture.answer;
import static dev.millrace.invoker.process.Fixture.request;
import static dev.millrace.invoker.process.Fixture.shell;
import static dev.millrace.invoker.process.Fixture.todo;
import static dev.millrace.testkit.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to invocations of a function written as a shell script. */
class ShellFunctionTest {

    @TempDir
    Path directory = Path.of("");

    @Test
    void answersWithWhatTheFunctionAnswered() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertThat(answer(invoker.invoke(request("{\"Records\":[\"ä\"]}")))).isEqualTo("{\"Records\":[\"ä\"]}");
        }
    }

    @Test
    void keepsTheProcessWarmForTheNextEvent() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            String first = answer(invoker.invoke(todo("pid")));

            assertThat(answer(invoker.invoke(todo("pid")))).isEqualTo(first);
        }
    }

    @Test
    void reportsAnErrorByTheFunctionsOwnTypeAndGoesOnWithTheProcess() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            String pid = answer(invoker.invoke(todo("pid")));

            assertThat(invoker.invoke(todo("error")))
                    .isEqualTo(new InvocationOutcome.FunctionError("OrderNotFound", "no such order"));
            assertThat(answer(invoker.invoke(todo("pid")))).isEqualTo(pid);
        }
    }

    @Test
    void reportsTheExitStatusOfACrashAndReplacesTheProcess() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertCrash(invoker, "exit", "Runtime exited with error: exit status 7");
            assertCrash(invoker, "exit-silently", "Runtime exited without providing a reason");
            assertCrash(invoker, "killed", "Runtime exited with error: signal: killed");
            assertThat(answer(invoker.invoke(request("1")))).isEqualTo("1");
        }
    }

    private static void assertCrash(Invoker invoker, String how, String reason) throws InterruptedException {
        InvocationRequest request = todo(how);
        assertThat(invoker.invoke(request))
                .isEqualTo(new InvocationOutcome.FunctionError(
                        "Runtime.ExitError", "RequestId: " + request.requestId() + " Error: " + reason));
    }

    @Test
    void killsAProcessThatTakesTooLongAndReplacesIt() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            invoker.invoke(request("1"));
            InvocationRequest request = todo("hang", Duration.ofMillis(250));

            assertThat(invoker.invoke(request))
                    .isEqualTo(new InvocationOutcome.FunctionError(
                            "Sandbox.Timedout",
                            "RequestId: " + request.requestId() + " Error: Task timed out after 0.25 seconds"));
            assertThat(Fixture.processesIn(directory)).isEmpty();
            assertThat(answer(invoker.invoke(request("2")))).isEqualTo("2");
        }
    }

    @Test
    void startsAnotherProcessWhenTheIdleOneHasLeft() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            for (int i = 0; i < 5; i++) {
                assertThat(answer(invoker.invoke(todo("answer-and-leave")))).isEqualTo("\"bye\"");
            }
        }
    }

    @Test
    void killsAProcessThatNeverComesBackForTheNextEvent() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertThat(answer(invoker.invoke(todo("answer-and-hang")))).isEqualTo("\"now hanging\"");

            assertThat(invoker.invoke(todo("pid", Duration.ofMillis(300))))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.Unavailable.class,
                            unavailable -> assertThat(unavailable.reason()).contains("did not ask for the next event"));
            assertThat(answer(invoker.invoke(request("2")))).isEqualTo("2");
        }
    }

    @Test
    void throttlesWhenAllProcessesAreBusy() throws Exception {
        try (Invoker invoker = shell(directory).open();
                ExecutorService threads = Fixture.threads()) {
            InvocationRequest busy = todo("wait");
            Future<InvocationOutcome> first = Fixture.invokeIn(threads, invoker, busy);
            until("the process has the event", () -> Files.exists(waiting(busy)));

            assertThat(invoker.invoke(request("2")))
                    .isEqualTo(new InvocationOutcome.Throttled(InvocationOutcome.Throttled.AT_CAPACITY, Duration.ZERO));
            Files.createFile(directory.resolve("go"));
            answer(first.get());
        }
    }

    @Test
    void throttlesEverythingWhenTheReservedConcurrencyIsZero() throws Exception {
        var function =
                new Fixture().command("sh", Fixture.resource("/bootstrap")).reservedConcurrency(0);
        try (Invoker invoker = function.open()) {
            assertThat(invoker.invoke(request("1"))).isInstanceOf(InvocationOutcome.Throttled.class);
        }
    }

    @Test
    void handsConcurrentEventsToSeveralProcesses() throws Exception {
        try (Invoker invoker = shell(directory).set("Concurrency", "3").open();
                ExecutorService threads = Fixture.threads()) {
            List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
            List<InvocationRequest> requests = List.of(todo("wait"), todo("wait"), todo("wait"));
            requests.forEach(request -> outcomes.add(Fixture.invokeIn(threads, invoker, request)));
            until("all work", () -> requests.stream().allMatch(request -> Files.exists(waiting(request))));
            Files.createFile(directory.resolve("go"));

            Set<String> pids = new HashSet<>();
            for (Future<InvocationOutcome> outcome : outcomes) {
                pids.add(answer(outcome.get()));
            }
            assertThat(pids).hasSize(3);
        }
    }

    private Path waiting(InvocationRequest request) {
        return directory.resolve("waiting." + request.requestId());
    }

    @Test
    void carriesAnEventOfSixMegabytes() throws Exception {
        String event = "{\"do\":\"size\",\"padding\":\"" + "x".repeat(6 * 1024 * 1024) + "\"}";
        try (Invoker invoker = shell(directory).open()) {
            assertThat(answer(invoker.invoke(request(event))).strip()).isEqualTo(Integer.toString(event.length()));
        }
    }

    @Test
    void refusesAnAnswerOfSevenMegabytesAndGoesOnWithTheProcess() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            String pid = answer(invoker.invoke(todo("pid")));

            assertThat(invoker.invoke(todo("seven-megabytes")))
                    .isEqualTo(new InvocationOutcome.FunctionError(
                            "Function.ResponseSizeTooLarge",
                            "Response payload size exceeded maximum allowed payload size (6291556 bytes)."));
            assertThat(answer(invoker.invoke(todo("pid")))).isEqualTo(pid);
            assertThat(directory.resolve("refused"))
                    .content()
                    .startsWith("413 ")
                    .contains("\"errorType\":\"RequestEntityTooLarge\"");
        }
    }

    @Test
    void tellsTheProcessWhatTheRuntimeApiPrescribes() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            InvocationRequest request = todo("head");
            Instant before = Instant.now();

            String head = answer(invoker.invoke(request));

            assertThat(head)
                    .contains("Lambda-Runtime-Aws-Request-Id: " + request.requestId())
                    .contains("Lambda-Runtime-Invoked-Function-Arn: " + request.functionArn())
                    .contains("Lambda-Runtime-Trace-Id: " + request.traceHeader());
            String deadlineHeader = "Lambda-Runtime-Deadline-Ms: ";
            String deadline = head.lines()
                    .filter(line -> line.startsWith(deadlineHeader))
                    .findFirst()
                    .orElseThrow()
                    .substring(deadlineHeader.length());
            assertThat(Instant.ofEpochMilli(Long.parseLong(deadline.strip())))
                    .isBetween(before.plusSeconds(19), Instant.now().plusSeconds(20));
        }
    }

    @Test
    void givesTheProcessItsEnvironmentAndNothingElse() throws Exception {
        var function = shell(directory)
                .set("Handler", "index.handler")
                .set("MemorySize", "512")
                .variable("TABLE", "orders and more")
                .variable("AWS_REGION", "mars-north-1");
        try (Invoker invoker = function.open()) {
            String environment = answer(invoker.invoke(todo("env")));

            assertThat(environment.lines())
                    .contains(
                            "TABLE=orders and more",
                            "_HANDLER=index.handler",
                            "LAMBDA_TASK_ROOT=" + directory,
                            "AWS_LAMBDA_FUNCTION_NAME=orders",
                            "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
                            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
                            "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/orders",
                            "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
                            "AWS_REGION=mars-north-1",
                            "AWS_DEFAULT_REGION=eu-west-1")
                    .anyMatch(line -> line.matches("AWS_LAMBDA_RUNTIME_API=127\\.0\\.0\\.1:\\d+"))
                    .anyMatch(line -> line.matches(
                            "AWS_LAMBDA_LOG_STREAM_NAME=\\d{4}/\\d\\d/\\d\\d/\\[\\$LATEST]\\p{XDigit}{32}"));
            Set<String> ofTheShell = Set.of("PWD", "OLDPWD", "SHLVL", "_");
            assertThat(environment
                            .lines()
                            .map(line -> line.substring(0, line.indexOf('=')))
                            .filter(name -> !ofTheShell.contains(name)))
                    .allMatch(name -> name.startsWith("AWS_")
                            || Set.of(
                                            "TABLE",
                                            "_HANDLER",
                                            "LAMBDA_TASK_ROOT",
                                            "PATH",
                                            "HOME",
                                            "USER",
                                            "LANG",
                                            "LC_ALL",
                                            "LC_CTYPE",
                                            "TZ",
                                            "TMPDIR",
                                            "SSL_CERT_FILE",
                                            "SSL_CERT_DIR")
                                    .contains(name));
        }
    }

    @Test
    void runsInTheWorkingDirectory() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertThat(answer(invoker.invoke(todo("pwd")))).isEqualTo("\"" + directory + "\"");
        }
    }

    @Test
    void runsInTheFolderOfTheConfigurationWithoutAWorkingDirectory() throws Exception {
        Fixture function = new Fixture().in(directory).command("sh", Fixture.resource("/bootstrap"));
        try (Invoker invoker = function.open()) {
            assertThat(answer(invoker.invoke(todo("pwd")))).isEqualTo("\"" + directory + "\"");
        }
    }

    @Test
    void findsTheConventionalBootstrapInTheWorkingDirectory() throws Exception {
        installBootstrap();
        try (Invoker invoker = shell(directory).set("Command", "bootstrap").open()) {
            assertThat(answer(invoker.invoke(request("1")))).isEqualTo("1");
        }
        try (Invoker invoker = shell(directory).command("./bootstrap").open()) {
            assertThat(answer(invoker.invoke(request("2")))).isEqualTo("2");
        }
    }

    @Test
    void findsTheProgramInTheFunctionsOwnPath() throws Exception {
        installBootstrap();
        Files.move(directory.resolve("bootstrap"), directory.resolve("orders-runtime"));
        var function =
                shell(directory).command("orders-runtime").variable("PATH", directory + ":" + System.getenv("PATH"));
        try (Invoker invoker = function.open()) {
            assertThat(answer(invoker.invoke(request("1")))).isEqualTo("1");
        }
    }

    private void installBootstrap() throws IOException {
        Path bootstrap = Files.copy(Path.of(Fixture.resource("/bootstrap")), directory.resolve("bootstrap"));
        Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void runsTwoFunctionsAtOnceWithoutMixingThem(@TempDir Path other) throws Exception {
        try (Invoker orders = shell(directory).open();
                Invoker invoices = shell(other).name("invoices").open();
                ExecutorService threads = Fixture.threads()) {
            for (int i = 0; i < 10; i++) {
                var first = Fixture.invokeIn(threads, orders, todo("pwd"));
                var second = Fixture.invokeIn(threads, invoices, todo("pwd"));

                assertThat(answer(first.get())).isEqualTo("\"" + directory + "\"");
                assertThat(answer(second.get())).isEqualTo("\"" + other + "\"");
            }
        }
    }
}
