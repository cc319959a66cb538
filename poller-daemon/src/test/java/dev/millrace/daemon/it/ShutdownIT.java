package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM, once and twice. */
@OnEverySqsServer
final class ShutdownIT {

    private static final int VISIBILITY_SECONDS = 300;
    /** Far below the visibility timeout: what is visible by then was released. */
    private static final Duration AT_ONCE = Duration.ofSeconds(60);

    private static final String SHORT_POLLS = "Millrace: {WaitTimeSeconds: 1}";

    private final Scene scene;

    ShutdownIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void finishesTheInvocationInFlightAndReceivesNoMore() throws InterruptedException {
        TestQueue queue = scene.queues().create("graceful", VISIBILITY_SECONDS);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        scene.answers(event -> {
            awaitUninterruptibly(mayAnswer);
            return FunctionAnswer.ok("");
        });
        DaemonProcess daemon = scene.startReady(scene.config(
                "Shutdown: {DeadlineSeconds: 60}\n", scene.fn(60), List.of(Scene.mapping(queue, SHORT_POLLS))));
        queue.send("in flight");
        scene.function().awaitCalls(1);

        daemon.terminate();
        daemon.output().await("stopping");
        Eventually.until("the last long poll to end", () -> daemon.metric("millrace_receives", queue.name()) == 0);
        queue.send("too late");
        mayAnswer.countDown();

        assertThat(daemon.awaitExit()).isZero();
        assertThat(scene.deliveries()).containsOnlyKeys("in flight");
        assertThat(queue.take()).containsExactly(new TestQueue.Taken("too late", 1));
        assertThat(queue.depth()).isZero();
    }

    @Test
    void endsAtOnceAtASecondSignal() throws InterruptedException {
        TestQueue queue = scene.queues().create("impatient", VISIBILITY_SECONDS);
        scene.function().always(new FunctionAnswer.Hang());
        DaemonProcess daemon = scene.startReady(scene.config(
                "Shutdown: {DeadlineSeconds: 600}\n", scene.fn(200), List.of(Scene.mapping(queue, SHORT_POLLS))));
        queue.send("stays");
        scene.function().awaitCalls(1);

        daemon.terminate();
        daemon.output().await("stopping");
        daemon.terminate();

        assertThat(daemon.awaitExit()).as("exit code of a second signal").isEqualTo(130);
        assertThat(queue.depth()).isEqualTo(1);
    }

    @Test
    void releasesWhatIsUnfinishedAtTheDeadline() throws InterruptedException {
        TestQueue queue = scene.queues().create("released", VISIBILITY_SECONDS);
        scene.function().always(new FunctionAnswer.Hang());
        DaemonProcess daemon = scene.startReady(scene.config(
                "Shutdown: {DeadlineSeconds: 2}\n",
                scene.fn(200),
                List.of(Scene.mapping(queue, "Millrace: {WaitTimeSeconds: 1, ReleaseOnShutdown: true}"))));
        queue.send("again");
        scene.function().awaitCalls(1);

        daemon.terminate();

        assertThat(daemon.awaitExit()).isZero();
        Eventually.holds(
                AT_ONCE,
                "the message to be visible",
                () -> assertThat(queue.take()).containsExactly(new TestQueue.Taken("again", 2)));
    }

    @Test
    void leavesWhatIsUnfinishedToItsVisibilityTimeoutUnlessToldOtherwise() throws InterruptedException {
        TestQueue queue = scene.queues().create("kept", VISIBILITY_SECONDS);
        scene.function().always(new FunctionAnswer.Hang());
        DaemonProcess daemon = scene.startReady(scene.config(
                "Shutdown: {DeadlineSeconds: 1}\n", scene.fn(200), List.of(Scene.mapping(queue, SHORT_POLLS))));
        queue.send("later");
        scene.function().awaitCalls(1);

        daemon.terminate();

        assertThat(daemon.awaitExit()).isZero();
        assertThat(queue.inFlight()).isEqualTo(1);
        daemon.output().await(queue.name(), "will be delivered again", "STOPPED");
    }

    static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
