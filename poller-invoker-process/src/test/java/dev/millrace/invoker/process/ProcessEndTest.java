package dev.millrace.invoker.process;

import static dev.millrace.invoker.process.Fixture.answer;
import static dev.millrace.invoker.process.Fixture.request;
import static dev.millrace.invoker.process.Fixture.shell;
import static dev.millrace.invoker.process.Fixture.todo;
import static dev.millrace.testkit.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No process remains: not after closing, nor after a timeout, an interrupt, a crash, or the daemon's own death. */
class ProcessEndTest {

    @TempDir
    Path directory = Path.of("");

    @Test
    void closingLeavesNoProcess() throws Exception {
        long before = ProcessHandle.current().descendants().count();
        try (Invoker invoker = shell(directory).set("Concurrency", "2").open();
                ExecutorService threads = Fixture.threads()) {
            var both = List.of(todo("wait"), todo("wait")).stream()
                    .map(request -> Fixture.invokeIn(threads, invoker, request))
                    .toList();
            Files.createFile(directory.resolve("go"));
            for (Future<InvocationOutcome> outcome : both) {
                answer(outcome.get());
            }
            assertThat(Fixture.processesIn(directory)).isNotEmpty();
        }

        assertThat(Fixture.processesIn(directory)).isEmpty();
        assertThat(ProcessHandle.current().descendants()).hasSize((int) before);
    }

    @Test
    void closingKillsAProcessThatIgnoresTheRequestToEnd() throws Exception {
        try (Invoker invoker = shell(directory).set("StopTimeout", "0.2").open()) {
            answer(invoker.invoke(todo("ignore-sigterm")));
        }

        assertThat(Fixture.processesIn(directory)).isEmpty();
    }

    @Test
    void aTimeoutKillsWhatTheProcessHasStartedEvenWhenItIsDaemonised() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertThat(invoker.invoke(todo("hang-daemonised", Duration.ofMillis(400))))
                    .isInstanceOf(InvocationOutcome.FunctionError.class);

            assertThat(Fixture.processesIn(directory)).isEmpty();
        }
    }

    @Test
    void aCrashTakesTheProcessesChildrenAlong() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            assertThat(invoker.invoke(todo("crash-leaving-a-child")))
                    .isInstanceOf(InvocationOutcome.FunctionError.class);

            assertThat(directory.resolve("stray")).content().isNotBlank();
            assertThat(Fixture.processesIn(directory)).isEmpty();
        }
    }

    @Test
    void anInterruptKillsTheProcessAndEndsTheInvocation() throws Exception {
        try (Invoker invoker = shell(directory).open();
                ExecutorService threads = Fixture.threads()) {
            InvocationRequest busy = todo("wait");
            Future<InvocationOutcome> outcome = Fixture.invokeIn(threads, invoker, busy);
            until("the process works", () -> Files.exists(directory.resolve("waiting." + busy.requestId())));

            threads.shutdownNow();

            assertThatThrownBy(outcome::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(Fixture.processesIn(directory)).isEmpty();
            assertThat(answer(invoker.invoke(request("2")))).isEqualTo("2");
        }
    }

    @Test
    void anInterruptDuringTheStartKillsTheProcess() throws Exception {
        try (Invoker invoker = shell(directory).set("Handler", "init-hang").open();
                ExecutorService threads = Fixture.threads()) {
            Future<InvocationOutcome> outcome = Fixture.invokeIn(threads, invoker, request("1"));
            until("the process starts", () -> !Fixture.processesIn(directory).isEmpty());

            threads.shutdownNow();

            assertThatThrownBy(outcome::get).hasCauseInstanceOf(InterruptedException.class);
            assertThat(Fixture.processesIn(directory)).isEmpty();
        }
    }

    @Test
    void anIdleProcessEndsWhenTheDaemonIsKilled() throws Exception {
        String classPath = String.join(
                File.pathSeparator,
                List.of(
                        Fixture.origin("dev.millrace.invoker.process.DaemonStandIn"),
                        Fixture.origin("dev.millrace.invoker.process.ProcessInvoker"),
                        Fixture.origin("dev.millrace.invoke.Invoker"),
                        Fixture.origin("com.fasterxml.jackson.databind.ObjectMapper"),
                        Fixture.origin("com.fasterxml.jackson.core.JsonFactory"),
                        Fixture.origin("com.fasterxml.jackson.annotation.JsonAutoDetect"),
                        Fixture.origin("org.slf4j.Logger"),
                        Fixture.origin("org.jspecify.annotations.NullMarked")));
        Process daemon = new ProcessBuilder(
                        Fixture.java(), "-cp", classPath, DaemonStandIn.class.getName(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = daemon.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("invoked");
            assertThat(Fixture.processesIn(directory)).isNotEmpty();
        } finally {
            daemon.destroyForcibly();
        }

        until(
                "the function's process has ended",
                () -> Fixture.processesIn(directory).isEmpty());
    }
}
