package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions that are down, slow, or answer nonsense. */
@OnEverySqsServer
final class FunctionTroubleIT {

    /** Entries of one receive. */
    private static final int RECEIVE = 10;

    private static final int TEN_MEGABYTES = 10 << 20;
    private static final String REPORT = "FunctionResponseTypes: [ReportBatchItemFailures]";
    /** Failed messages come back at once, which saves the test a visibility timeout. */
    private static final String AT_ONCE = "Millrace: {WaitTimeSeconds: 1, RetryBackoff: {BaseSeconds: 0}}";

    private final Scene scene;

    FunctionTroubleIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void stopsReceivingWhileTheFunctionIsDownAndProcessesEverythingAfterwards() throws Exception {
        FunctionServer beforeTheOutage = FunctionServer.start();
        int port = beforeTheOutage.port();
        beforeTheOutage.close();
        TestQueue queue = scene.queues().create("down", 2);
        queue.send(bodies(30));
        String down = "  fn: {Timeout: 1, CircuitBreaker: {OpenSeconds: 2}, Http: {Url: \"http://127.0.0.1:" + port
                + "/\"}}\n";
        DaemonProcess daemon = scene.start(scene.config(down, Scene.mapping(queue, "Millrace: {WaitTimeSeconds: 1}")));

        daemon.output().await("circuit breaker open");
        Eventually.until(
                "two probes to fail",
                () -> daemon.output().count("circuit breaker half open") >= 2
                        && daemon.output().count("circuit breaker open") >= 3);
        double polledAtFirst = daemon.metric("millrace_polled_event_count_total", queue.name());
        long opened = daemon.output().count("circuit breaker half open");
        Eventually.holds(
                "what was received to be visible again",
                () -> assertThat(queue.visible()).isEqualTo(30));
        double polled = daemon.metric("millrace_polled_event_count_total", queue.name());
        long probes = daemon.output().count("circuit breaker half open") - opened;
        assertThat(polled - polledAtFirst)
                .as("messages received since, of which only probes may receive")
                .isLessThanOrEqualTo((double) RECEIVE * (probes + 1));

        try (FunctionServer back = FunctionServer.startOn(port)) {
            Scene.awaitEmpty(queue);
            daemon.output().await("circuit breaker closed");
            Map<String, Integer> counts = Scene.lastReceiveCounts(back);
            assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(bodies(30));
            int receives = counts.values().stream().mapToInt(Integer::intValue).sum();
            // A message that comes again while it is with the function does not get there with its new count.
            int again = (int) daemon.metric("millrace_delivered_twice_event_count_total", queue.name());
            assertThat((int) daemon.metric("millrace_polled_event_count_total", queue.name()))
                    .as("receive counts are what the daemon polled, no more")
                    .isBetween(receives, receives + again);
        }
    }

    @Test
    void refusesAFunctionThatMayRunLongerThanTheVisibilityTimeoutUntilTheQueueIsMended() throws Exception {
        TestQueue tooShort = scene.queues().create("too-short", 2);
        TestQueue fine = scene.queues().create("fine", 30);
        DaemonProcess daemon =
                scene.start(scene.config(scene.fn(20), Scene.mapping(tooShort, ""), Scene.mapping(fine, "")));
        tooShort.send("a");
        fine.send("b");

        daemon.output()
                .await(
                        tooShort.name(),
                        "ERROR",
                        "Queue visibility timeout: 2 seconds is less than Function timeout:" + " 20 seconds",
                        "raise the queue's VisibilityTimeout");
        Scene.awaitEmpty(fine);
        assertThat(scene.deliveries()).containsOnlyKeys("b");
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);

        tooShort.setVisibilityTimeout(30);
        Scene.awaitEmpty(tooShort);
        assertThat(scene.deliveries()).containsEntry("a", 1);
    }

    @Test
    void deliversOnceWithHeartbeatThoughTheFunctionOutlastsTheVisibilityTimeout() throws Exception {
        TestQueue queue = scene.queues().create("heartbeat", 4);
        scene.function().always(FunctionAnswer.after(Duration.ofSeconds(9), FunctionAnswer.ok("")));
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(30), Scene.mapping(queue, "Millrace: {WaitTimeSeconds: 1, Heartbeat: {MaximumSeconds: 60}}")));
        queue.send(bodies(5));

        Scene.awaitEmpty(queue);
        assertThat(scene.deliveries())
                .hasSize(5)
                .allSatisfy((body, times) -> assertThat(times).as(body).isEqualTo(1));
        assertThat(daemon.output().count("delivered a message again")).isZero();
        assertThat(daemon.metric("millrace_polled_event_count_total", queue.name()))
                .as("messages received: none came back while it was in process")
                .isEqualTo(5);
    }

    @Test
    void losesNothingWithoutHeartbeatThoughTheFunctionOutlastsTheVisibilityTimeout() {
        TestQueue queue = scene.queues().create("no-heartbeat", 40);
        scene.function().always(FunctionAnswer.after(Duration.ofSeconds(5), FunctionAnswer.ok("")));
        DaemonProcess daemon =
                scene.startReady(scene.config(scene.fn(30), Scene.mapping(queue, "Millrace: {WaitTimeSeconds: 1}")));
        queue.setVisibilityTimeout(2);
        queue.send(bodies(5));

        daemon.output().await(queue.name(), "delivered a message again that is still being processed");
        Scene.awaitEmpty(queue);
        assertThat(scene.deliveries().keySet()).containsExactlyInAnyOrderElementsOf(bodies(5));
    }

    @Test
    void keepsTheMessagesOfAFunctionThatAnswersGarbageWhileTheOtherMappingGoesOn() {
        TestQueue garbled = scene.queues().create("garbled", 10);
        TestQueue fine = scene.queues().create("fine", 10);
        scene.function().always(FunctionAnswer.ok("<html>It works!</html>"));
        try (FunctionServer other = FunctionServer.start()) {
            DaemonProcess daemon = scene.startReady(scene.config(
                    scene.fn(5) + Scene.fn("other", 5, other.url().toString()),
                    Scene.mapping(garbled, REPORT + ", " + AT_ONCE),
                    Scene.mapping(fine.arn(), "other", REPORT + ", " + AT_ONCE)));
            garbled.send("a");
            fine.send(bodies(10));

            Scene.awaitEmpty(fine);
            daemon.output().await("WARN", garbled.name(), "MalformedAnswer", "not JSON");
            assertThat(garbled.depth()).isEqualTo(1);
            scene.function().always(FunctionAnswer.ok("{\"batchItemFailures\":[]}"));
            Scene.awaitEmpty(garbled);
        }
    }

    @Test
    void keepsTheMessagesOfAFunctionThatAnswersTenMegabytesWhileTheOtherMappingGoesOn() {
        TestQueue drowned = scene.queues().create("drowned", 10);
        TestQueue fine = scene.queues().create("fine", 10);
        String answer = "x".repeat(TEN_MEGABYTES);
        scene.function().always(FunctionAnswer.ok(answer));
        try (FunctionServer other = FunctionServer.start()) {
            DaemonProcess daemon = scene.startReady(scene.config(
                    scene.fn(5) + Scene.fn("other", 5, other.url().toString()),
                    Scene.mapping(drowned, AT_ONCE),
                    Scene.mapping(fine.arn(), "other", AT_ONCE)));
            drowned.send("a");
            daemon.output().await("WARN", drowned.name(), "ResponseSizeTooLarge");
            scene.function().always(FunctionAnswer.ok(answer).inChunks());
            long soFar = daemon.output().count("ResponseSizeTooLarge");
            Eventually.until("the same in chunks", () -> daemon.output().count("ResponseSizeTooLarge") > soFar + 2);
            fine.send(bodies(10));

            Scene.awaitEmpty(fine);
            assertThat(drowned.depth()).isEqualTo(1);
            scene.function().always(FunctionAnswer.ok(""));
            Scene.awaitEmpty(drowned);
        }
    }

    private static List<String> bodies(int count) {
        return IntStream.range(0, count).mapToObj(number -> "m" + number).toList();
    }
}
