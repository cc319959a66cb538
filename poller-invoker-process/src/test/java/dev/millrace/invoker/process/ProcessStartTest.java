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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when a process does not come up. */
class ProcessStartTest {

    @TempDir
    Path directory = Path.of("");

    @Test
    void reportsAnInitErrorByItsType() throws Exception {
        try (Invoker invoker = shell(directory).set("Handler", "init-error").open()) {
            assertThat(invoker.invoke(request("1")))
                    .isEqualTo(new InvocationOutcome.FunctionError("HandlerNotFound", "there is no such handler"));
            assertThat(Fixture.processesIn(directory)).isEmpty();
        }
    }

    @Test
    void reportsTheExitStatusOfAProcessThatEndsBeforeItsFirstEvent() throws Exception {
        try (Invoker invoker = shell(directory).set("Handler", "init-exit").open()) {
            InvocationRequest request = request("1");

            assertThat(invoker.invoke(request))
                    .isEqualTo(new InvocationOutcome.FunctionError(
                            "Runtime.ExitError",
                            "RequestId: " + request.requestId() + " Error: Runtime exited with error: exit status 3"));
        }
    }

    @Test
    void killsAProcessThatIsNotReadyInTime() throws Exception {
        var function = shell(directory).set("Handler", "init-hang").set("InitTimeout", "0.3");
        try (Invoker invoker = function.open()) {
            InvocationRequest request = request("1");

            assertThat(invoker.invoke(request))
                    .isEqualTo(new InvocationOutcome.FunctionError(
                            "Sandbox.Timedout",
                            "RequestId: " + request.requestId() + " Error: Init timed out after 0.30 seconds"));
            assertThat(Fixture.processesIn(directory)).isEmpty();
        }
    }

    @Test
    void doesNotForkInATightLoopWhenTheCommandKeepsFailing() throws Exception {
        try (Invoker invoker = shell(directory).set("Handler", "init-exit").open()) {
            assertThat(invoker.invoke(request("1"))).isInstanceOf(InvocationOutcome.FunctionError.class);
            for (int i = 0; i < 1_000; i++) {
                assertThat(invoker.invoke(request("1")))
                        .isInstanceOfSatisfying(InvocationOutcome.Unavailable.class, unavailable -> {
                            assertThat(unavailable.reason())
                                    .contains("function orders")
                                    .contains("exit status 3");
                            assertThat(unavailable.retryAfter()).isBetween(Duration.ofMillis(1), StartGate.FIRST_WAIT);
                        });
            }

            assertThat(directory.resolve("starts")).content().isEqualTo("starting\n");
            until(
                    "another start is tried after a while",
                    () -> invokes(invoker) instanceof InvocationOutcome.FunctionError);
        }
    }

    private static InvocationOutcome invokes(Invoker invoker) {
        try {
            return invoker.invoke(request("1"));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void doesNotForkInATightLoopUnderConcurrentInvocationsEither() throws Exception {
        var function = shell(directory).set("Handler", "init-exit").set("Concurrency", "4");
        try (Invoker invoker = function.open();
                ExecutorService threads = Fixture.threads()) {
            List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                outcomes.add(Fixture.invokeIn(threads, invoker, request("1")));
            }
            for (Future<InvocationOutcome> outcome : outcomes) {
                assertThat(outcome.get()).isNotInstanceOf(InvocationOutcome.Succeeded.class);
            }

            assertThat(Files.readAllLines(directory.resolve("starts"))).hasSizeBetween(1, 4);
        }
    }

    @Test
    void saysWhatToDoWhenTheCommandCannotBeStarted() throws Exception {
        try (Invoker invoker = shell(directory).command("no-such-program", "x").open()) {
            assertThat(invoker.invoke(request("1")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.Unavailable.class,
                            unavailable -> assertThat(unavailable.reason())
                                    .contains("function orders")
                                    .contains("[no-such-program, x]")
                                    .contains("correct Command or WorkingDirectory"));
            assertThat(invoker.invoke(request("1"))).isInstanceOf(InvocationOutcome.Unavailable.class);
        }
    }

    @Test
    void saysThatTheWorkingDirectoryDoesNotExist() throws Exception {
        try (Invoker invoker = shell(directory.resolve("nowhere")).open()) {
            assertThat(invoker.invoke(request("1")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.Unavailable.class,
                            unavailable -> assertThat(unavailable.reason())
                                    .contains("there is no directory " + directory.resolve("nowhere")));
        }
    }

    @Test
    void doesNotLetTheFirstMomentsOfProcessesOverlapWhenTheyMustNot() throws Exception {
        var function = shell(directory)
                .set("Handler", "init-alone")
                .set("Concurrency", "4")
                .set("StartOneAtATime", "true");
        try (Invoker invoker = function.open();
                ExecutorService threads = Fixture.threads()) {
            List<Future<InvocationOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                outcomes.add(Fixture.invokeIn(threads, invoker, todo("wait")));
            }
            until("all work", () -> waiting() == 4);
            Files.createFile(directory.resolve("go"));
            for (Future<InvocationOutcome> outcome : outcomes) {
                answer(outcome.get());
            }

            assertThat(directory.resolve("overlaps")).doesNotExist();
        }
    }

    private int waiting() {
        return Objects.requireNonNull(directory.toFile().list((_, name) -> name.startsWith("waiting."))).length;
    }

    @Test
    void keepsServingWithTheProcessesItHasWhileOthersDoNotStart() throws Exception {
        Files.writeString(directory.resolve("run"), "[ ! -e broken ] || exit 9; . " + Fixture.resource("/bootstrap"));
        var function = shell(directory).command("sh", "run").set("Concurrency", "2");
        try (Invoker invoker = function.open();
                ExecutorService threads = Fixture.threads()) {
            InvocationRequest busy = todo("wait");
            Future<InvocationOutcome> first = Fixture.invokeIn(threads, invoker, busy);
            until("the process works", () -> Files.exists(directory.resolve("waiting." + busy.requestId())));
            Files.createFile(directory.resolve("broken"));

            assertThat(invoker.invoke(request("2"))).isInstanceOf(InvocationOutcome.FunctionError.class);
            assertThat(invoker.invoke(request("3")))
                    .isInstanceOfSatisfying(
                            InvocationOutcome.Throttled.class,
                            throttled -> assertThat(throttled.retryAfter()).isPositive());
            Files.createFile(directory.resolve("go"));
            answer(first.get());
            assertThat(answer(invoker.invoke(request("4")))).isEqualTo("4");
        }
    }
}
