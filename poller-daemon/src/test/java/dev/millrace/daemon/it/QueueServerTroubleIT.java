package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsFault;
import dev.millrace.testkit.sqs.SqsProxy;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A queue's server that throttles, fails, stalls, or whose answers get lost on their way. */
@OnEverySqsServer
final class QueueServerTroubleIT {

    private static final String SHORT_POLLS = "Millrace: {WaitTimeSeconds: 1}";

    private final SqsProxy proxy;
    private final Scene scene;

    QueueServerTroubleIT(SqsServer server, @TempDir Path folder) {
        proxy = new SqsProxy(server);
        scene = new Scene(proxy.server(), server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
        proxy.close();
    }

    static Stream<Arguments> troubles() {
        return Stream.of(
                arguments(SqsFault.throttled(), "throttled", "asks to be called less often"),
                arguments(
                        new SqsFault.Refused(400, "ThrottlingException"), "throttled", "asks to be called less often"),
                arguments(SqsFault.internalError(), "unavailable", "failed (500"),
                arguments(new SqsFault.Disconnected(), "unavailable", "cannot reach"),
                arguments(SqsFault.queueDoesNotExist(), "not_found", "does not exist"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("troubles")
    void leavesAQueueInTroubleAloneForGrowingPausesAndGoesOn(SqsFault fault, String kind, String words)
            throws Exception {
        TestQueue queue = scene.queues().create("troubled", 30);
        DaemonProcess daemon = scene.startReady(scene.config(scene.fn(10), Scene.mapping(queue, SHORT_POLLS)));
        proxy.always(queue, SqsProxy.RECEIVE, fault);

        assertThat(proxy.awaitStruckWithin(queue, SqsProxy.RECEIVE, 4))
                .as("three pauses, of 0.1, 0.2 and 0.4 s at least")
                .isGreaterThan(Duration.ofMillis(700));
        daemon.output().await("WARN", queue.arn(), words);
        assertThat(daemon.output().count(words)).as("said once a minute").isEqualTo(1);
        Eventually.until(
                "the failures to be counted",
                () -> daemon.metric("millrace_source_errors_total", "kind=\"" + kind + "\"") >= 4);
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);

        proxy.heal(queue);
        queue.send("a");
        Scene.awaitEmpty(queue);
        daemon.output().await(queue.name(), "works again");
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1));
    }

    @Test
    void givesAStalledReceiveUpAndGoesOnWhileTheOtherMappingNeverStops() throws Exception {
        TestQueue stalled = scene.queues().create("stalled", 30);
        TestQueue fine = scene.queues().create("fine", 30);
        proxy.next(stalled, SqsProxy.RECEIVE, new SqsFault.Stalled());
        DaemonProcess daemon = scene.startReady(
                scene.config(scene.fn(10), Scene.mapping(stalled, SHORT_POLLS), Scene.mapping(fine, SHORT_POLLS)));
        proxy.awaitStruck(stalled, SqsProxy.RECEIVE, 1);
        stalled.send("a");
        fine.send("b");
        Scene.awaitEmpty(fine);
        assertThat(scene.deliveries()).containsOnly(Map.entry("b", 1));

        daemon.output().await("WARN", stalled.arn(), "does not answer in time");
        proxy.awaitAbandoned(1);
        Scene.awaitEmpty(stalled);
        daemon.output().await(stalled.name(), "works again");
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
    }

    @Test
    void doesNotSpinOnAServerThatAnswersLongPollsAtOnce() throws Exception {
        TestQueue queue = scene.queues().create("short-polls", 30);
        proxy.always(queue, SqsProxy.RECEIVE, new SqsFault.Swallowed());
        DaemonProcess daemon =
                scene.startReady(scene.config(scene.fn(10), Scene.mapping(queue, "Millrace: {WaitTimeSeconds: 20}")));

        assertThat(proxy.awaitStruckWithin(queue, SqsProxy.RECEIVE, 9))
                .as("8 pauses of 250 ms at least")
                .isGreaterThan(Duration.ofSeconds(2));

        proxy.heal(queue);
        queue.send("a");
        Scene.awaitEmpty(queue);
        assertThat(daemon.output().count("WARN")).isZero();
    }

    /** Each delete fails in one of the ways that leave open, or get wrong, whether the message is gone. */
    @Test
    void losesNothingWhenDeletesAndTheirAnswersAreLost() throws Exception {
        TestQueue queue = scene.queues().create("deletes", 3);
        List<String> bodies =
                IntStream.range(0, 50).mapToObj(number -> "m" + number).toList();
        for (int round = 0; round < 2; round++) {
            proxy.next(
                    queue,
                    SqsProxy.DELETE,
                    new SqsFault.AnswerLost(),
                    new SqsFault.Swallowed(),
                    SqsFault.internalError(),
                    new SqsFault.Disconnected(),
                    SqsFault.throttled());
        }
        queue.send(bodies);
        DaemonProcess daemon =
                scene.startReady(scene.config(scene.fn(3), Scene.mapping(queue, "BatchSize: 5, " + SHORT_POLLS)));

        // 50 messages, at most ten in a call: each fault strikes.
        proxy.awaitStruck(queue, SqsProxy.DELETE, 5);
        Scene.awaitEmpty(queue);
        Map<String, Integer> deliveries = scene.deliveries();
        assertThat(deliveries.keySet()).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(deliveries.values().stream().mapToInt(Integer::intValue).sum())
                .as("what was swallowed is delivered again, or the faults struck nothing")
                .isGreaterThan(bodies.size());
        assertThat(daemon.status().at("/EventSourceMappings/0/Alive").asBoolean())
                .isTrue();
        assertThat(daemon.metric("millrace_mapping_crashes_total", queue.name()))
                .isZero();
        Eventually.until(
                "the daemon to hold nothing", () -> daemon.metric("millrace_held_messages", queue.name()) == 0);
    }

    /** The queue has handed a message out, and its answer is still on its way when the daemon is told to stop. */
    @Test
    void processesWhatALongPollBringsAfterTheStop() throws Exception {
        TestQueue queue = scene.queues().create("on-its-way", 300);
        CountDownLatch stopped = new CountDownLatch(1);
        proxy.next(queue, SqsProxy.RECEIVE, new SqsFault.Held(stopped));
        queue.send("a");
        DaemonProcess daemon = scene.startReady(scene.config(
                "Shutdown: {DeadlineSeconds: 60}\n", scene.fn(10), List.of(Scene.mapping(queue, SHORT_POLLS))));
        Eventually.until("the message to be handed out", () -> queue.inFlight() == 1);

        daemon.terminate();
        daemon.output().await("stopping");
        stopped.countDown();

        assertThat(daemon.awaitExit()).isZero();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1));
        assertThat(queue.depth()).isZero();
    }
}
