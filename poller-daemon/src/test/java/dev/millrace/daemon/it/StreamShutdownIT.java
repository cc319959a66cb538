package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM while records of a stream are with the function, and what the next daemon does then. */
final class StreamShutdownIT {

    private static final String ONE_BY_ONE = "BatchSize: 1, " + StreamScene.QUICK;

    @TempDir
    private Path folder;

    private StreamScene scene;

    @BeforeEach
    void begin() {
        scene = new StreamScene(folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void finishesTheInvocationInFlightStoresItAndRepeatsNothing() throws InterruptedException {
        TestStream stream = scene.server().stream("graceful", 1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        scene.answers(event -> {
            ShutdownIT.awaitUninterruptibly(mayAnswer);
            return FunctionAnswer.ok("");
        });
        Path config = config(stream, 60);
        List.of("1", "2", "3").forEach(data -> stream.put("k", data));
        DaemonProcess daemon = scene.startReady(config);
        scene.function().awaitCalls(1);

        daemon.terminate();
        daemon.output().await("stopping");
        assertThat(daemon.alive()).as("while the function runs").isTrue();
        mayAnswer.countDown();
        assertThat(daemon.awaitExit()).isZero();
        assertThat(scene.delivered()).containsExactly("1");
        daemon.output().await(stream.name(), "read and not processed", "records=\"2\"", "interrupted=\"false\"");

        scene.startReady(config);
        scene.awaitDelivered("3");
        assertThat(scene.delivered()).containsExactly("1", "2", "3");
    }

    @Test
    void repeatsWhatTheFunctionHadAtTheDeadlineAndSaysSo() throws InterruptedException {
        TestStream stream = scene.server().stream("overdue", 1);
        scene.answers(event -> event.has("2") ? new FunctionAnswer.Hang() : FunctionAnswer.ok(""));
        Path config = config(stream, 1);
        List.of("1", "2", "3").forEach(data -> stream.put("k", data));
        DaemonProcess daemon = scene.startReady(config);
        scene.function().awaitCalls(2);

        daemon.terminate();
        assertThat(daemon.awaitExit()).isZero();
        daemon.output().await(stream.name(), "read and not processed", "records=\"2\"", "interrupted=\"true\"");
        daemon.output().await("stopped");
        scene.function().awaitAbandoned(1);

        scene.function().always(FunctionAnswer.ok(""));
        scene.startReady(config);
        scene.awaitDelivered("3");
        assertThat(scene.delivered()).containsExactly("1", "2", "2", "3");
    }

    @Test
    void endsAtOnceAtASecondSignalAndRepeatsOnlyWhatWasInFlight() throws Exception {
        TestStream stream = scene.server().stream("impatient", 1);
        scene.answers(event -> event.has("2") ? new FunctionAnswer.Hang() : FunctionAnswer.ok(""));
        Path config = config(stream, 600);
        List.of("1", "2").forEach(data -> stream.put("k", data));
        DaemonProcess daemon = scene.startReady(config);
        scene.function().awaitCalls(2);
        Eventually.until("the first to be stored", () -> daemon.metric("millrace_batches_unsaved", stream.name()) == 0);

        daemon.terminate();
        daemon.output().await("stopping");
        daemon.terminate();
        assertThat(daemon.awaitExit()).as("exit code of a second signal").isEqualTo(130);

        scene.function().always(FunctionAnswer.ok(""));
        scene.startReady(config);
        scene.awaitDelivered("2");
        scene.function().awaitCalls(3);
        assertThat(scene.delivered()).containsExactly("1", "2", "2");
    }

    /** A lane that waits for its next attempt does not hold the daemon up. */
    @Test
    void doesNotWaitForTheNextAttemptOfAFailingBatch() throws InterruptedException {
        TestStream stream = scene.server().stream("failing", 1);
        scene.answers(event -> StreamEvent.error("always"));
        Path config = scene.config(
                "Shutdown: {DeadlineSeconds: 600}\n",
                scene.fn(10),
                List.of(StreamScene.mapping(
                        stream,
                        "Millrace: {PollIntervalMilliseconds: 200, Retry: {BaseMilliseconds: 60000, MaximumSeconds:"
                                + " 600}}")));
        stream.put("k", "1");
        DaemonProcess daemon = scene.startReady(config);
        daemon.output().await("WARN", "invocation ended", "always");

        StreamScene.stop(daemon);
        scene.answers(event -> FunctionAnswer.ok(""));
        scene.startReady(config);
        scene.function().awaitCalls(2);
        assertThat(scene.delivered()).containsExactly("1", "1");
    }

    private Path config(TestStream stream, int deadlineSeconds) {
        return scene.config(
                "Shutdown: {DeadlineSeconds: " + deadlineSeconds + "}\n",
                scene.fn(200),
                List.of(StreamScene.mapping(stream, ONE_BY_ONE)));
    }
}
