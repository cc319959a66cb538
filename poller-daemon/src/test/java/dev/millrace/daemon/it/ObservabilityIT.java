package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a known run looks like from outside: metrics, status, health. */
@OnEverySqsServer
final class ObservabilityIT {

    private final Scene scene;

    ObservabilityIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void tellsWhatHappened() throws Exception {
        TestQueue orders = scene.queues().create("orders", 30);
        TestQueue refunds = scene.queues().create("refunds.fifo", 30);
        // Twelve orders: one filtered out, one that fails once.
        scene.answers(event -> event.messages().getFirst().body().equals("flaky")
                        && event.messages().getFirst().receiveCount() == 1
                ? FunctionAnswer.status(500, "{\"errorType\":\"OrderNotFound\",\"errorMessage\":\"flaky\"}")
                : FunctionAnswer.ok(""));
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                Scene.mapping(
                        orders,
                        "BatchSize: 1, FilterCriteria: {Filters: [{Pattern:"
                                + " '{\"body\":[{\"anything-but\":[\"dropped\"]}]}'}]}, Millrace: {WaitTimeSeconds: 1,"
                                + " RetryBackoff: {BaseSeconds: 0}}"),
                Scene.mapping(refunds, "Millrace: {WaitTimeSeconds: 1}")));
        orders.send(IntStream.range(0, 10).mapToObj(number -> "m" + number).toList());
        orders.send("dropped", "flaky");
        refunds.sendTo("g", "r1", "r2");
        Scene.awaitEmpty(orders);
        Scene.awaitEmpty(refunds);

        Eventually.holds(
                "the daemon to know that all is deleted", () -> assertStatus(daemon.status(), orders, refunds));
        assertMetric(daemon, "millrace_deleted_event_count_total", orders, 12);
        assertMetric(daemon, "millrace_deleted_event_count_total", refunds, 2);
        assertMetric(daemon, "millrace_polled_event_count_total", orders, 13);
        assertMetric(daemon, "millrace_filtered_out_event_count_total", orders, 1);
        assertMetric(daemon, "millrace_invoked_event_count_total", orders, 12);
        assertMetric(daemon, "millrace_failed_invoke_event_count_total", orders, 1);
        assertMetric(daemon, "millrace_polled_event_count_total", refunds, 2);
        assertMetric(daemon, "millrace_invoked_event_count_total", refunds, 2);
        assertMetric(daemon, "millrace_failed_invoke_event_count_total", refunds, 0);
        assertMetric(daemon, "millrace_mapping_alive", refunds, 1);
        assertThat(daemon.metric("millrace_function_breaker_state", "\"fn\"")).isZero();
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);
        assertThat(daemon.get("/health/ready").status()).isEqualTo(200);
        assertThat(daemon.get("/nothing").status()).isEqualTo(404);
    }

    @Test
    void aDisabledMappingReceivesNothingAndHasNoMetrics() throws Exception {
        TestQueue paused = scene.queues().create("paused", 30);
        TestQueue running = scene.queues().create("running", 30);
        paused.send("stays");
        running.send("goes");
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                Scene.mapping(paused, "Enabled: false"),
                Scene.mapping(running, "Millrace: {WaitTimeSeconds: 1}")));
        Scene.awaitEmpty(running);

        assertThat(scene.deliveries()).containsOnlyKeys("goes");
        assertThat(daemon.status().at("/EventSourceMappings/0/State").asText()).isEqualTo("Disabled");
        assertThat(daemon.metrics().keySet())
                .anyMatch(series -> series.contains(running.name()))
                .noneMatch(series -> series.contains(paused.name()));
        assertThat(paused.take()).as("never received").containsExactly(new TestQueue.Taken("stays", 1));
    }

    private static void assertMetric(DaemonProcess daemon, String name, TestQueue queue, double expected)
            throws Exception {
        assertThat(daemon.metrics().keySet()).as("metrics").anyMatch(series -> series.startsWith(name + "{"));
        assertThat(daemon.metric(name, queue.name()))
                .as(name + " of " + queue.name())
                .isEqualTo(expected);
    }

    private static void assertStatus(JsonNode status, TestQueue first, TestQueue second) {
        JsonNode mappings = status.get("EventSourceMappings");
        assertThat(mappings).hasSize(2);
        assertThat(mappings.get(0).get("EventSourceArn").asText()).isEqualTo(first.arn());
        assertThat(mappings.get(1).get("EventSourceArn").asText()).isEqualTo(second.arn());
        for (JsonNode mapping : mappings) {
            assertThat(mapping.get("State").asText()).isEqualTo("Enabled");
            assertThat(mapping.get("HeldMessages").asInt()).isZero();
        }
        assertThat(status.at("/Functions/fn/CircuitBreaker").asText()).isEqualTo("AVAILABLE");
    }
}
