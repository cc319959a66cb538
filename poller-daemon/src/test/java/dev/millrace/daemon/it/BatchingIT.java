package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which messages reach the function, how many at a time, when, and in how many invocations at once. */
@OnEverySqsServer
final class BatchingIT {

    private final Scene scene;

    BatchingIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void mergesSeveralReceivesIntoOneBatch() {
        TestQueue queue = scene.queues().create("merged", 30);
        queue.send(bodies(60));
        scene.startReady(scene.config(
                scene.fn(10),
                Scene.mapping(
                        queue, "BatchSize: 100, MaximumBatchingWindowInSeconds: 3, Millrace: {WaitTimeSeconds: 2}")));

        Scene.awaitEmpty(queue);
        assertThat(scene.deliveries())
                .hasSize(60)
                .allSatisfy((body, times) -> assertThat(times).as(body).isEqualTo(1));
        assertThat(scene.events().stream()
                        .mapToInt(event -> event.messages().size())
                        .max()
                        .orElseThrow())
                .as("messages of the largest batch; one receive brings ten")
                .isBetween(11, 100);
    }

    @Test
    void keepsTheBatchingWindowAlsoWhenALongPollIsOpen() {
        TestQueue queue = scene.queues().create("window", 60);
        // AWS documents that it may hold a batch for up to 20 s at low traffic, as long as a long poll.
        scene.startReady(scene.config(
                scene.fn(10),
                Scene.mapping(
                        queue, "BatchSize: 100, MaximumBatchingWindowInSeconds: 2, Millrace: {WaitTimeSeconds: 20}")));
        long sent = System.nanoTime();
        queue.send("alone");
        scene.function().awaitCalls(1);
        Duration took = Duration.ofNanos(System.nanoTime() - sent);

        assertThat(took).isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(15));
        Scene.awaitEmpty(queue);
    }

    @Test
    void receivesNoMoreThanTheAllowedConcurrencyCanTake() throws Exception {
        TestQueue queue = scene.queues().create("two-at-a-time", 5);
        scene.function().always(FunctionAnswer.after(Duration.ofMillis(600), FunctionAnswer.ok("")));
        queue.send(bodies(60));
        // 30 batches of 0.6 s, two at a time: 9 s, well over the visibility timeout.
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(4),
                Scene.mapping(
                        queue,
                        "BatchSize: 2, ScalingConfig: {MaximumConcurrency: 2}, Millrace: {WaitTimeSeconds: 1}")));

        Scene.awaitEmpty(queue);
        assertThat(scene.function().mostConcurrentCalls()).isEqualTo(2);
        assertThat(scene.events().stream().flatMap(event -> event.messages().stream()))
                .hasSize(60)
                .allSatisfy(message -> assertThat(message.receiveCount()).isEqualTo(1));
        assertThat(daemon.metric("millrace_polled_event_count_total", queue.name()))
                .isEqualTo(60);
    }

    @Test
    void deletesWhatDoesNotMatchTheFilterWithoutInvoking() throws Exception {
        TestQueue json = scene.queues().create("json-filter", 30);
        TestQueue plain = scene.queues().create("plain-filter", 30);
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                Scene.mapping(json, filter("{\"body\":{\"kind\":[\"order\"],\"total\":[{\"numeric\":[\">\",10]}]}}")),
                Scene.mapping(plain, filter("{\"body\":[{\"prefix\":\"keep\"}]}"))));
        String order = "{\"kind\":\"order\",\"total\":11}";
        json.send(order, "{\"kind\":\"order\",\"total\":10}", "{\"kind\":\"refund\",\"total\":11}", "plain", "{}");
        plain.send("keep this", "not this", "{\"keep\":1}");

        Scene.awaitEmpty(json);
        Scene.awaitEmpty(plain);
        assertThat(scene.deliveries()).containsOnlyKeys(order, "keep this");
        assertThat(daemon.metric("millrace_filtered_out_event_count_total", json.name()))
                .isEqualTo(4);
        assertThat(daemon.metric("millrace_filtered_out_event_count_total", plain.name()))
                .isEqualTo(2);
    }

    private static String filter(String pattern) {
        return "FilterCriteria: {Filters: [{Pattern: '" + pattern + "'}]}, Millrace: {WaitTimeSeconds: 1}";
    }

    private static List<String> bodies(int count) {
        return IntStream.range(0, count).mapToObj(number -> "m" + number).toList();
    }
}
