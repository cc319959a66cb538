package dev.millrace.daemon.it.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.checkpoint.Lanes;
import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.sqs.TestQueue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a mapping's settings make of records, whoever says which shards run where: the expectations are AWS's, and the same
 * for every mode of coordination. All cases have one daemon, a mapping for each; what is put before it starts comes in one
 * read. A case stands above the test that looks at what became of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class PoliciesContract {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PARTIAL = "FunctionResponseTypes: [ReportBatchItemFailures]";

    private final PoliciesScene scene = new PoliciesScene();

    /**
     * The sections Coordination and Store, as YAML.
     *
     * @param folder the test's own
     */
    protected abstract String mode(Path folder);

    @BeforeAll
    void start(@TempDir Path folder) {
        dropped.mapping().destination().always(FunctionAnswer.status(503, ""));
        retold.mapping().destination().next(FunctionAnswer.status(503, ""), FunctionAnswer.status(503, ""));
        scene.start(folder, mode(folder));
    }

    @AfterAll
    void end() {
        scene.close();
    }

    // ---- errors of the function ----

    /** AWS's sample trace of ten records of which the eighth is bad. */
    private final StreamCase poisoned = scene.stream(
                    "poisoned", "BatchSize: 10, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0")
            .put(numbers(1, 10))
            .answers(Answers.failing(Answers.ALWAYS, "8"));

    @Test
    void bisectsABatchDownToItsPoisonRecordAndTellsTheDestination() throws Exception {
        poisoned.awaitDiscards(1);
        poisoned.put("11").awaitDelivered("11");

        assertThat(poisoned.batches())
                .containsExactly(
                        numbers(1, 10),
                        numbers(1, 5),
                        numbers(6, 10),
                        numbers(6, 7),
                        numbers(8, 10),
                        numbers(8, 8),
                        numbers(9, 10),
                        numbers(11, 11));
        ObjectNode told = poisoned.onlyDiscard(5);
        assertThat(told)
                .isEqualTo(poisoned.discard("8", "8")
                        .afterRetries(told, 4, poisoned.mapping().requestId(5)));
    }

    private final StreamCase exhausted = scene.stream("exhausted", "MaximumRetryAttempts: 2")
            .put(numbers(1, 3))
            .answers(Answers.failing(Answers.ALWAYS, "2"));

    @Test
    void givesABatchUpAfterItsRetriesAndTellsTheDestination() throws Exception {
        exhausted.awaitDiscards(1);
        exhausted.put("4").awaitDelivered("4");

        assertThat(exhausted.batches()).containsExactly(numbers(1, 3), numbers(1, 3), numbers(1, 3), numbers(4, 4));
        ObjectNode told = exhausted.onlyDiscard(2);
        assertThat(told)
                .isEqualTo(exhausted
                        .discard("1", "3")
                        .afterRetries(told, 3, exhausted.mapping().requestId(2)));
    }

    private final StreamCase unlimited =
            scene.stream("unlimited", "BatchSize: 2").put(numbers(1, 3)).answers(Answers.failing(5, "1"));

    @Test
    void triesForEverUnlessToldOtherwiseAndHoldsBackWhatFollows() throws Exception {
        unlimited.awaitDelivered("3");

        assertThat(unlimited.batches())
                .containsExactly(
                        numbers(1, 2),
                        numbers(1, 2),
                        numbers(1, 2),
                        numbers(1, 2),
                        numbers(1, 2),
                        numbers(1, 2),
                        numbers(3, 3));
        assertThat(unlimited.mapping().discards()).isEmpty();
    }

    private final StreamCase throttled = scene.stream("throttled", "MaximumRetryAttempts: 0")
            .put("1")
            .answers(Answers.answering(3, _ -> FunctionAnswer.status(429, ""), "1"));

    @Test
    void beingThrottledUsesUpNoRetry() throws Exception {
        throttled.mapping().function().awaitCalls(4);
        throttled.put("2").awaitDelivered("2");

        assertThat(throttled.batches())
                .containsExactly(numbers(1, 1), numbers(1, 1), numbers(1, 1), numbers(1, 1), numbers(2, 2));
        assertThat(throttled.mapping().discards()).isEmpty();
    }

    private final TestQueue queue = scene.queue("policies");
    private final StreamCase queued = scene.stream(
                    "queued",
                    "MaximumRetryAttempts: 0, DestinationConfig: {OnFailure: {Destination: \"" + queue.arn() + "\"}}")
            .put(numbers(1, 2))
            .answers(Answers.failing(Answers.ALWAYS, "1"));

    @Test
    void tellsAQueue() throws Exception {
        Eventually.until("a discard", () -> queue.depth() == 1);

        JsonNode told = JSON.readTree(queue.take().getFirst().body());
        String requestId = queued.mapping().requestId(0);
        assertThat(told).isEqualTo(queued.discard("1", "2").afterRetries(told, 1, requestId));
    }

    private final StreamCase dropped = scene.stream(
                    "dropped",
                    "BatchSize: 1, MaximumRetryAttempts: 0, Millrace: {PollIntervalMilliseconds: 200, OnFailure:"
                            + " {DeliverySeconds: 1}}")
            .put("1", "2")
            .answers(Answers.failing(Answers.ALWAYS, "1"));

    @Test
    void goesOnWhenADestinationIsDownForTooLongAndCountsWhatWasDropped() throws Exception {
        dropped.awaitDelivered("2");

        assertThat(dropped.batches()).containsExactly(numbers(1, 1), numbers(2, 2));
        assertThat(metric("millrace_dropped_event_count_total", dropped)).isEqualTo(1);
        assertThat(metric("millrace_destination_delivery_failures_total", dropped))
                .isEqualTo(1);
    }

    private final StreamCase retold = scene.stream("retold", "BatchSize: 1, MaximumRetryAttempts: 0")
            .put("1", "2")
            .answers(Answers.failing(Answers.ALWAYS, "1"));

    @Test
    void tellsTheDestinationAgainThatDidNotTakeADiscard() throws Exception {
        retold.awaitDiscards(3);
        retold.awaitDelivered("2");

        assertThat(retold.batches()).containsExactly(numbers(1, 1), numbers(2, 2));
        List<ObjectNode> told = retold.mapping().discards();
        assertThat(told).hasSize(3).containsOnly(told.getFirst());
    }

    // ---- answers of the function ----

    private final StreamCase partial = scene.stream("partial", PARTIAL + ", MaximumRetryAttempts: 2")
            .put(numbers(1, 5))
            .answers(Answers.answering(2, event -> event.failingAt("3"), "3"));

    @Test
    void triesTheRestOfABatchFromTheFirstRecordThatTheFunctionReports() throws Exception {
        partial.mapping().function().awaitCalls(3);
        partial.put("6").awaitDelivered("6");

        assertThat(partial.batches()).containsExactly(numbers(1, 5), numbers(3, 5), numbers(3, 5), numbers(6, 6));
        assertThat(partial.mapping().discards()).isEmpty();
    }

    private final StreamCase halved = scene.stream(
                    "halved", PARTIAL + ", BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0")
            .put(numbers(1, 5))
            .answers(Answers.answering(2, event -> event.failingAt("3"), "3"));

    @Test
    void bisectsWhatIsLeftWhenTheFunctionReportsItsFirstRecord() throws Exception {
        halved.awaitDelivered("5");
        halved.put("6").awaitDelivered("6");

        assertThat(halved.batches())
                .containsExactly(numbers(1, 5), numbers(3, 5), numbers(3, 3), numbers(4, 5), numbers(6, 6));
        assertThat(halved.mapping().discards()).isEmpty();
    }

    private final StreamCase unreadable = scene.stream("unreadable", PARTIAL + ", MaximumRetryAttempts: 1")
            .put(numbers(1, 3))
            .answers(Answers.answering(Answers.ALWAYS, _ -> FunctionAnswer.ok("no JSON"), "2"));

    @Test
    void takesAnAnswerThatIsNotReadableForAFailureOfTheWholeBatch() throws Exception {
        unreadable.awaitDiscards(1);
        unreadable.put("4").awaitDelivered("4");

        assertThat(unreadable.batches()).containsExactly(numbers(1, 3), numbers(1, 3), numbers(4, 4));
        ObjectNode told = unreadable.onlyDiscard(1);
        assertThat(told.at("/requestContext/condition").asText()).isEqualTo("RetryAttemptsExhausted");
        assertThat(told.at("/requestContext/approximateInvokeCount").asInt()).isEqualTo(2);
        assertThat(told.at("/KinesisBatchInfo/batchSize").asInt()).isEqualTo(3);
    }

    // ---- age ----

    private final StreamCase old = scene.stream("old", "MaximumRecordAgeInSeconds: 60")
            .putAged(Duration.ofMinutes(2), "old 1")
            .putAged(Duration.ofSeconds(119), "old 2")
            .put(numbers(1, 3));

    @Test
    void discardsOnlyTheRecordsThatAreTooOldAndInvokesNothingWithThem() throws Exception {
        old.awaitDiscards(1);
        old.awaitDelivered("3");

        assertThat(old.batches()).containsExactly(numbers(1, 3));
        ObjectNode told = old.onlyDiscard();
        assertThat(told).isEqualTo(old.discard("old 1", "old 2").neverInvoked(told));
    }

    private final StreamCase ageing =
            scene.stream("ageing", "MaximumRecordAgeInSeconds: 60").answers(Answers.failing(Answers.ALWAYS, "1"));

    @Test
    void givesABatchUpThatFailsUntilItIsTooOld() throws Exception {
        ageing.putAged(Duration.ofSeconds(55), "1").awaitDiscards(1);
        int invocations = ageing.batches().size();
        ageing.put("2").awaitDelivered("2");

        assertThat(invocations).isGreaterThan(1);
        assertThat(ageing.batches()).hasSize(invocations + 1);
        ObjectNode told = ageing.onlyDiscard(invocations - 1);
        String requestId = ageing.mapping().requestId(invocations - 1);
        assertThat(told).isEqualTo(ageing.discard("1", "1").afterTooLong(told, invocations, requestId));
    }

    // ---- batches ----

    private static final List<String> KEYS = keysOfLanes(3);
    private final AtomicBoolean mayGoOn = new AtomicBoolean();
    private final StreamCase lanes = scene.stream("lanes", "ParallelizationFactor: 3, BatchSize: 1")
            .putRounds(KEYS, 3)
            .answers(event -> {
                if (event.has(KEYS.getFirst() + "/0")) {
                    Eventually.until("it may go on", mayGoOn::get);
                }
                return FunctionAnswer.ok("");
            });

    @Test
    void processesOtherLanesWhileOneIsHeldAndKeepsTheOrderOfEachKey() {
        try {
            lanes.awaitDelivered(KEYS.get(1) + "/2", KEYS.get(2) + "/2");
            assertThat(lanes.delivered()).contains(KEYS.getFirst() + "/0").doesNotContain(KEYS.getFirst() + "/1");
        } finally {
            mayGoOn.set(true);
        }
        lanes.awaitDelivered(KEYS.getFirst() + "/2");

        assertThat(lanes.delivered()).hasSize(9);
        for (String key : KEYS) {
            assertThat(lanes.delivered().stream().filter(data -> data.startsWith(key + "/")))
                    .containsExactly(key + "/0", key + "/1", key + "/2");
        }
    }

    private final StreamCase collected = scene.stream("collected", "BatchSize: 3, MaximumBatchingWindowInSeconds: 300");

    @Test
    void collectsRecordsInTheBatchingWindowUntilTheBatchIsFull() {
        collected.put("1");
        scene.awaitReads(collected.stream(), 2);
        collected.put("2");
        scene.awaitReads(collected.stream(), 2);
        assertThat(collected.batches()).isEmpty();
        collected.put("3").awaitDelivered("3");

        assertThat(collected.batches()).containsExactly(numbers(1, 3));
    }

    private final StreamCase windowed = scene.stream("windowed", "MaximumBatchingWindowInSeconds: 2");

    @Test
    void invokesWithWhatIsThereWhenTheBatchingWindowEnds() {
        long before = System.nanoTime();
        windowed.put("1");
        scene.awaitReads(windowed.stream(), 1);
        windowed.put("2").awaitDelivered("1");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    private final StreamCase sifted = scene.stream(
                    "sifted", "FilterCriteria: {Filters: [{Pattern: '{\"data\":{\"kind\":[\"order\"]}}'}]}")
            .put(refund(1), order(2), "no JSON at all", order(3));

    @Test
    void passesOverWhatItsFiltersRefuseAndCannotRead() throws Exception {
        sifted.awaitDelivered(order(3));

        assertThat(sifted.batches()).containsExactly(List.of(order(2), order(3)));
        Eventually.until("all to be settled", () -> metric("millrace_held_records", sifted) == 0);
        assertThat(metric("millrace_polled_event_count_total", sifted)).isEqualTo(4);
        assertThat(metric("millrace_filtered_out_event_count_total", sifted)).isEqualTo(2);
        assertThat(metric("millrace_invoked_event_count_total", sifted)).isEqualTo(2);
        assertThat(sifted.mapping().discards()).isEmpty();
    }

    private static String order(int number) {
        return "{\"kind\":\"order\",\"n\":" + number + "}";
    }

    private static String refund(int number) {
        return "{\"kind\":\"refund\",\"n\":" + number + "}";
    }

    // ---- tumbling windows ----

    private final Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofMinutes(10));
    private final StreamCase tumbling = scene.stream("tumbling", "BatchSize: 2, TumblingWindowInSeconds: 60")
            .putAt(minute.plusSeconds(1), "a")
            .putAt(minute.plusSeconds(2), "b")
            .putAt(minute.plusSeconds(59), "c")
            .putAt(minute.plusSeconds(60), "d")
            .answers(event -> FunctionAnswer.ok("{\"state\":{\"count\":"
                    + (event.json().at("/state/count").asInt() + event.items().size()) + "}}"));

    @Test
    void handsTheStateOfATumblingWindowOnAndEndsItWithAFinalInvocation() {
        tumbling.awaitDelivered("d");

        assertThat(tumbling.batches()).startsWith(List.of("a", "b"), List.of("c"), List.of(), List.of("d"));
        List<StreamEvent> events = tumbling.function().events();
        assertWindow(events.get(0), minute, 0, false);
        assertWindow(events.get(1), minute, 2, false);
        assertWindow(events.get(2), minute, 3, true);
        assertWindow(events.get(3), minute.plusSeconds(60), 0, false);
    }

    private void assertWindow(StreamEvent of, Instant start, int before, boolean isFinal) {
        JsonNode event = of.json();
        assertThat(event.at("/window/start").asText()).isEqualTo(start.toString());
        assertThat(event.at("/window/end").asText())
                .isEqualTo(start.plusSeconds(60).toString());
        assertThat(event.at("/state/count").asInt()).as("state handed over").isEqualTo(before);
        assertThat(event.get("isFinalInvokeForWindow").asBoolean()).isEqualTo(isFinal);
        assertThat(event.get("isWindowTerminatedEarly").asBoolean()).isFalse();
        assertThat(event.get("shardId").asText())
                .isEqualTo(tumbling.stream().shards().getFirst().shardId());
        assertThat(event.get("eventSourceARN").asText())
                .isEqualTo(tumbling.stream().arn());
    }

    // ---- shards ----

    private final StreamCase latest =
            scene.stream("latest", "StartingPosition: LATEST").putAged(Duration.ofHours(1), "before");

    private final Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
    private final StreamCase timed = scene.stream(
                    "timed",
                    "StartingPosition: AT_TIMESTAMP, StartingPositionTimestamp: "
                            + hourAgo.minusSeconds(60).getEpochSecond())
            .putAt(hourAgo.minus(Duration.ofHours(1)), "too old")
            .putAt(hourAgo, "in time");

    @Test
    void beginsWhereItIsTold() {
        latest.put("after").awaitDelivered("after");
        timed.awaitDelivered("in time");

        assertThat(latest.delivered()).containsExactly("after");
        assertThat(timed.delivered()).containsExactly("in time");
    }

    private final StreamCase pushed = scene.fannedOut("pushed", "").put("before");

    @Test
    void subscribesAsAConsumerWithEnhancedFanOutAndFollowsTheShardsChildren() {
        pushed.awaitDelivered("before");
        pushed.put("pushed").awaitDelivered("pushed");
        String shard = pushed.stream().openShards().getFirst();
        pushed.stream().split(shard);
        pushed.put("of the child").awaitDelivered("of the child");

        assertThat(pushed.delivered()).containsExactly("before", "pushed", "of the child");
        assertThat(pushed.function().events())
                .allSatisfy(event -> assertThat(
                                event.json().at("/Records/0/eventSourceARN").asText())
                        .isEqualTo(pushed.mapping().arn()));
        assertThat(scene.subscriptions()).as("of the shard and of its child").isGreaterThanOrEqualTo(2);
    }

    private final StreamCase resharded =
            scene.stream("resharded", "").put("parent").resharded().answers(Answers.failing(2, "parent", "left"));

    @Test
    void processesChildrenWhenAllTheirParentsAreDone() {
        resharded.awaitDelivered("merged");
        List<String> delivered = resharded.delivered();
        assertThat(delivered).startsWith("parent", "parent", "parent").endsWith("merged");
        assertThat(delivered.subList(3, 7)).containsExactlyInAnyOrder("left", "left", "left", "right");
        assertThat(delivered).hasSize(8);

        TestStream stream = resharded.stream();
        stream.split(stream.openShards().getFirst())
                .forEach(child -> stream.putOn(child, "k", Payload.ofText("while running, on " + child)));
        resharded.awaitDelivered(stream.openShards().stream()
                .map(child -> "while running, on " + child)
                .toArray(String[]::new));
    }

    private final StreamCase disabled =
            scene.stream("disabled", "Enabled: false").put("1");

    @Test
    void leavesTheStreamOfADisabledMappingAlone() throws Exception {
        assertThat(scene.daemon().status().get("EventSourceMappings"))
                .filteredOn(mapping -> mapping.get("FunctionName").asText().equals("disabled"))
                .extracting(mapping -> mapping.get("State").asText())
                .containsExactly("Disabled");
        assertThat(disabled.batches()).isEmpty();
        assertThat(scene.reads(disabled.stream())).isZero();
    }

    // ---- DynamoDB Streams ----

    private final TableCase changes = scene.table(
                    "changes", "BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0")
            .put("one", "two", "bad", "four")
            .failing("bad");

    @Test
    void bisectsChangesOfATableAndTellsTheDestination() throws Exception {
        Eventually.until("all changes", () -> changes.batches().contains(List.of("four")));

        assertThat(changes.batches())
                .containsExactly(
                        List.of("one", "two", "bad", "four"),
                        List.of("one", "two"),
                        List.of("bad", "four"),
                        List.of("bad"),
                        List.of("four"));
        assertThat(changes.mapping().discards()).hasSize(1);
        ObjectNode told = changes.mapping().discards().getFirst();
        JsonNode event = JSON.readTree(told.remove("payload").asText());
        assertThat(event)
                .isEqualTo(JSON.readTree(
                        changes.mapping().function().calls().get(3).text()));
        assertThat(told).isEqualTo(changes.discard(told, 3, 3));
    }

    // ---- restart, after all others ----

    private final AtomicBoolean ill = new AtomicBoolean(true);
    private final StreamCase restarted = scene.stream("restarted", "ParallelizationFactor: 3, BatchSize: 1")
            .putRounds(KEYS, 2)
            .answers(event ->
                    event.has(KEYS.getFirst() + "/0") && ill.get() ? StreamEvent.error("ill") : FunctionAnswer.ok(""));

    @Test
    @Order(Integer.MAX_VALUE)
    void goesOnWhereEachMappingWasAfterARestartAndRepeatsNothing() throws Exception {
        List<StreamCase> settled = List.of(
                poisoned,
                exhausted,
                unlimited,
                throttled,
                queued,
                dropped,
                retold,
                partial,
                halved,
                unreadable,
                old,
                ageing,
                lanes,
                latest,
                timed,
                pushed);
        restarted.awaitDelivered(KEYS.get(0) + "/0", KEYS.get(1) + "/1", KEYS.get(2) + "/1");
        tumbling.putAt(minute.plusSeconds(120), "e").awaitDelivered("e");
        scene.stop();
        ill.set(false);
        List<StreamCase.Life> lives = settled.stream().map(StreamCase::life).toList();
        int discards = scene.discards();
        int changesBefore = changes.batches().size();
        settled.forEach(each -> each.put("next"));
        tumbling.putAt(minute.plusSeconds(121), "f");
        changes.put("after");

        scene.startAgain();
        restarted.awaitDelivered(KEYS.getFirst() + "/1");
        settled.forEach(each -> each.awaitDelivered("next"));
        tumbling.awaitDelivered("f");
        Eventually.until("a change", () -> changes.batches().size() > changesBefore);

        assertThat(restarted.function().deliveries()).hasSize(6);
        assertThat(restarted.delivered().stream().filter(data -> !data.equals(KEYS.getFirst() + "/0")))
                .doesNotHaveDuplicates();
        assertThat(lives).allSatisfy(life -> assertThat(life.batches()).containsExactly(List.of("next")));
        StreamEvent last = tumbling.function().events().getLast();
        assertThat(last.data()).containsExactly("f");
        assertWindow(last, minute.plusSeconds(120), 1, false);
        assertThat(changes.batches().subList(changesBefore, changes.batches().size()))
                .containsExactly(List.of("after"));
        assertThat(scene.discards()).isEqualTo(discards);
        assertThat(disabled.batches()).isEmpty();
    }

    // ---- what the cases share ----

    private double metric(String name, StreamCase of) throws IOException {
        return scene.daemon().metric(name, of.stream().name());
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    /** A key for each lane. */
    private static List<String> keysOfLanes(int lanes) {
        return IntStream.range(0, lanes)
                .mapToObj(lane -> IntStream.iterate(0, n -> n + 1)
                        .mapToObj(n -> "key-" + n)
                        .filter(key -> Lanes.of(key, lanes) == lane)
                        .findFirst()
                        .orElseThrow())
                .toList();
    }
}
