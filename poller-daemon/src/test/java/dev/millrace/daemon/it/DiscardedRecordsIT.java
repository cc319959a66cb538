package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that the function fails with, and what destinations hear of those that are given up. */
final class DiscardedRecordsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** AWS's sample trace of ten records of which the eighth is bad. */
    @Test
    void bisectsABatchDownToItsPoisonRecordAndTellsAQueue() throws Exception {
        TestStream stream = scene.server().stream("bisected", 1);
        TestQueue failed = scene.queues().create("failed", 30);
        putAll(stream, 1, 10);
        scene.answers(event -> event.has("8") ? StreamEvent.error("no 8") : FunctionAnswer.ok(""));
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "BatchSize: 10, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0,"
                                + " DestinationConfig: {OnFailure: {Destination: \"" + failed.arn() + "\"}}, "
                                + StreamScene.QUICK)));
        Eventually.until("a discard", () -> failed.depth() == 1);
        stream.put("k", "11");
        scene.awaitDelivered("11");

        assertThat(scene.batches())
                .containsExactly(
                        numbers(1, 10),
                        numbers(1, 5),
                        numbers(6, 10),
                        numbers(6, 7),
                        numbers(8, 10),
                        numbers(8, 8),
                        numbers(9, 10),
                        numbers(11, 11));
        JsonNode document = JSON.readTree(failed.take().getFirst().body());
        assertThat(document)
                .isEqualTo(new StreamDiscard(stream, "fn", "8", "8")
                        .afterRetries(document, attemptsOf("8"), requestIdOf(5)));
        assertThat(daemon.metric("millrace_on_failure_destination_delivered_event_count_total", stream.name()))
                .isEqualTo(1);
        assertThat(daemon.metric("millrace_dropped_event_count_total", stream.name()))
                .isZero();
        daemon.output().await("WARN", "records were discarded", "RetryAttemptsExhausted");
    }

    @Test
    void givesABatchUpAfterItsRetriesAndWritesItToAFileWithItsEvent() throws Exception {
        TestStream stream = scene.server().stream("retried", 1);
        Path file = folder.resolve("discards.jsonl");
        putAll(stream, 1, 3);
        scene.answers(event -> event.has("2") ? StreamEvent.error("no 2") : FunctionAnswer.ok(""));
        scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "MaximumRetryAttempts: 2, DestinationConfig: {OnFailure: {Destination: \"file:" + file
                                + "\"}}, " + StreamScene.QUICK)));
        Eventually.until("a discard", () -> Files.exists(file) && Files.size(file) > 0);
        stream.put("k", "4");
        scene.awaitDelivered("4");

        assertThat(scene.batches()).containsExactly(numbers(1, 3), numbers(1, 3), numbers(1, 3), numbers(4, 4));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1);
        ObjectNode document = (ObjectNode) JSON.readTree(lines.getFirst());
        assertThat(JSON.readTree(document.remove("payload").asText()))
                .isEqualTo(scene.events().getFirst().json());
        assertThat((JsonNode) document)
                .isEqualTo(new StreamDiscard(stream, "fn", "1", "3").afterRetries(document, 3, requestIdOf(2)));
    }

    @Test
    void triesTheRestOfABatchFromTheFirstRecordThatTheFunctionReports() throws Exception {
        TestStream stream = scene.server().stream("partial", 1);
        putAll(stream, 1, 5);
        scene.answers(event -> event.has("3") && scene.deliveries().getOrDefault("3", 0) < 3
                ? event.failingAt("3")
                : FunctionAnswer.ok("{\"batchItemFailures\":[]}"));
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "FunctionResponseTypes: [ReportBatchItemFailures], MaximumRetryAttempts: 2, "
                                + StreamScene.QUICK)));
        scene.function().awaitCalls(3);
        stream.put("k", "6");
        scene.awaitDelivered("6");

        assertThat(scene.batches()).containsExactly(numbers(1, 5), numbers(3, 5), numbers(3, 5), numbers(6, 6));
        assertThat(daemon.metric("millrace_discarded_event_count_total", stream.name()))
                .isZero();
    }

    @Test
    void discardsOnlyTheRecordsThatAreTooOldAndInvokesNothingWithThem() throws Exception {
        TestStream stream = scene.server().stream("aged", 1);
        TestQueue failed = scene.queues().create("aged", 30);
        Instant twoMinutesAgo = Instant.now().minus(Duration.ofMinutes(2));
        stream.put("k", Payload.ofText("old 1"), twoMinutesAgo);
        stream.put("k", Payload.ofText("old 2"), twoMinutesAgo.plusMillis(7));
        putAll(stream, 1, 5);
        scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "MaximumRecordAgeInSeconds: 60, DestinationConfig: {OnFailure: {Destination: \"" + failed.arn()
                                + "\"}}, " + StreamScene.QUICK)));
        scene.awaitDelivered("5");
        Eventually.until("a discard", () -> failed.depth() == 1);

        assertThat(scene.batches()).containsExactly(numbers(1, 5));
        JsonNode document = JSON.readTree(failed.take().getFirst().body());
        assertThat(document).isEqualTo(new StreamDiscard(stream, "fn", "old 1", "old 2").neverInvoked(document));
    }

    @Test
    void goesOnWhenADestinationIsDownForTooLongAndCountsWhatWasDropped() throws Exception {
        TestStream stream = scene.server().stream("undeliverable", 1);
        putAll(stream, 1, 2);
        scene.answers(event -> event.has("1") ? StreamEvent.error("no 1") : FunctionAnswer.ok(""));
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "BatchSize: 1, MaximumRetryAttempts: 0, DestinationConfig: {OnFailure: {Destination:"
                                + " \"http://127.0.0.1:1/nobody\"}}, Millrace: {PollIntervalMilliseconds: 200,"
                                + " OnFailure: {DeliverySeconds: 1}}")));
        scene.awaitDelivered("2");

        assertThat(scene.batches()).containsExactly(numbers(1, 1), numbers(2, 2));
        daemon.output().await("WARN", "the on-failure destination did not take a discard");
        daemon.output().await("ERROR", "could not be told", "RetryAttemptsExhausted");
        assertThat(daemon.metric("millrace_dropped_event_count_total", stream.name()))
                .isEqualTo(1);
        assertThat(daemon.metric("millrace_destination_delivery_failures_total", stream.name()))
                .isEqualTo(1);
        assertThat(daemon.metric("millrace_on_failure_destination_delivered_event_count_total", stream.name()))
                .isZero();
    }

    private static void putAll(TestStream stream, int from, int to) {
        numbers(from, to).forEach(data -> stream.put("k", data));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    private int attemptsOf(String data) {
        return scene.deliveries().getOrDefault(data, 0);
    }

    private String requestIdOf(int call) {
        return scene.function().calls().get(call).header("X-Amzn-RequestId").orElseThrow();
    }
}
