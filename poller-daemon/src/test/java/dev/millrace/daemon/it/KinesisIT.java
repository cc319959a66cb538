package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.KinesisEvent;
import com.amazonaws.services.lambda.runtime.events.KinesisEvent.KinesisEventRecord;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.checkpoint.Lanes;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.kinesis.KinesisCalls;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.Placed;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.service.Calls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of a Kinesis stream on their way to a function: which, from where on, in which batches. */
final class KinesisIT {

    private static final String LATEST = "StartingPosition: LATEST, " + StreamScene.QUICK;

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
    void deliversEventsThatAwsLibraryReads() {
        TestStream stream = scene.server().stream("orders", 1);
        Placed placed = stream.put("customer-7", "a first order, with \u00e4 and \"");
        scene.startReady(scene.config(scene.fn(10), StreamScene.mapping(stream, StreamScene.QUICK)));
        scene.function().awaitCalls(1);

        FunctionCall call = scene.function().calls().getFirst();
        KinesisEvent event = LambdaEventSerializers.serializerFor(
                        KinesisEvent.class, getClass().getClassLoader())
                .fromJson(new ByteArrayInputStream(call.body().bytes()));
        assertThat(event.getRecords()).hasSize(1);
        KinesisEventRecord got = event.getRecords().getFirst();
        StoredRecord stored = stream.records(placed.shardId()).getFirst();
        assertThat(got.getEventID()).isEqualTo(placed.shardId() + ":" + placed.sequenceNumber());
        assertThat(got.getEventSource()).isEqualTo("aws:kinesis");
        assertThat(got.getEventName()).isEqualTo("aws:kinesis:record");
        assertThat(got.getEventSourceARN()).isEqualTo(stream.arn());
        assertThat(got.getAwsRegion()).isEqualTo("us-east-1");
        assertThat(got.getKinesis().getPartitionKey()).isEqualTo("customer-7");
        assertThat(got.getKinesis().getSequenceNumber()).isEqualTo(placed.sequenceNumber());
        assertThat(got.getKinesis().getKinesisSchemaVersion()).isEqualTo("1.0");
        assertThat(got.getKinesis().getApproximateArrivalTimestamp().toInstant().truncatedTo(ChronoUnit.MILLIS))
                .isEqualTo(stored.arrival().truncatedTo(ChronoUnit.MILLIS));
        assertThat(StandardCharsets.UTF_8.decode(got.getKinesis().getData()).toString())
                .isEqualTo(stored.data().text());
        assertThat(call.header("X-Amz-Invoked-Function-Arn"))
                .hasValue("arn:aws:lambda:us-east-1:000000000000:function:fn");
    }

    @Test
    void passesOverWhatItsFiltersRefuse() throws Exception {
        TestStream stream = scene.server().stream("filtered", 1);
        stream.put("k", "{\"kind\":\"refund\",\"n\":1}");
        stream.put("k", "{\"kind\":\"order\",\"n\":2}");
        stream.put("k", "no JSON at all");
        stream.put("k", "{\"kind\":\"order\",\"n\":3}");
        DaemonProcess daemon = scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "FilterCriteria: {Filters: [{Pattern: '{\"data\":{\"kind\":[\"order\"]}}'}]}, "
                                + StreamScene.QUICK)));
        scene.function().awaitCalls(1);

        assertThat(scene.batches())
                .containsExactly(List.of("{\"kind\":\"order\",\"n\":2}", "{\"kind\":\"order\",\"n\":3}"));
        Eventually.until("all to be settled", () -> daemon.metric("millrace_held_records", stream.name()) == 0);
        assertThat(daemon.metric("millrace_polled_event_count_total", stream.name()))
                .isEqualTo(4);
        assertThat(daemon.metric("millrace_filtered_out_event_count_total", stream.name()))
                .isEqualTo(2);
        assertThat(daemon.metric("millrace_invoked_event_count_total", stream.name()))
                .isEqualTo(2);
    }

    @Test
    void collectsRecordsForTheBatchingWindow() {
        TestStream stream = scene.server().stream("window", 1);
        scene.startReady(scene.config(
                scene.fn(10), StreamScene.mapping(stream, "MaximumBatchingWindowInSeconds: 8, " + StreamScene.QUICK)));
        stream.put("k", "first");
        String shard = stream.openShards().getFirst();
        Calls calls = scene.server().calls();
        long reads = calls.count(KinesisCalls.GET_RECORDS, stream.name(), shard);
        Eventually.until(
                "two more reads", () -> calls.count(KinesisCalls.GET_RECORDS, stream.name(), shard) >= reads + 2);
        stream.put("k", "second");

        scene.function().awaitCalls(1);
        assertThat(scene.batches()).containsExactly(List.of("first", "second"));
    }

    @Test
    void runsAsManyLanesOfAShardAtOnceAsToldAndKeepsTheOrderOfEachKey() {
        int lanes = 10;
        int each = 5;
        TestStream stream = scene.server().stream("lanes", 1);
        List<String> keys = IntStream.range(0, lanes)
                .mapToObj(lane -> IntStream.iterate(0, n -> n + 1)
                        .mapToObj(n -> "key-" + n)
                        .filter(key -> Lanes.of(key, lanes) == lane)
                        .findFirst()
                        .orElseThrow())
                .toList();
        for (int n = 0; n < each; n++) {
            for (String key : keys) {
                stream.put(key, key + "/" + n);
            }
        }
        CountDownLatch allAtWork = new CountDownLatch(lanes);
        scene.answers(event -> {
            allAtWork.countDown();
            ShutdownIT.awaitUninterruptibly(allAtWork);
            return FunctionAnswer.ok("");
        });
        scene.startReady(scene.config(
                scene.fn(60),
                StreamScene.mapping(stream, "ParallelizationFactor: 10, BatchSize: 1, " + StreamScene.QUICK)));

        scene.function().awaitCalls(lanes * each);
        assertThat(scene.function().mostConcurrentCalls()).isEqualTo(lanes);
        List<String> delivered = scene.delivered();
        assertThat(delivered).hasSize(lanes * each);
        for (String key : keys) {
            assertThat(delivered.stream().filter(data -> data.startsWith(key + "/")))
                    .containsExactlyElementsOf(IntStream.range(0, each)
                            .mapToObj(n -> key + "/" + n)
                            .toList());
        }
    }

    // ---- where to start ----

    @Test
    void startsAtTheTipThatItHadWhenItWasCreatedHoweverOftenItRestarts() throws InterruptedException {
        TestStream stream = scene.server().stream("latest", 2);
        Instant longAgo = Instant.now().minus(Duration.ofHours(1));
        stream.put("k1", Payload.ofText("before"), longAgo);
        stream.put("k2", Payload.ofText("before too"), longAgo);
        Path config = scene.config(scene.fn(10), StreamScene.mapping(stream.arn(), LATEST));
        StreamScene.stop(scene.startReady(config));
        stream.put("k1", "between 1");
        stream.put("k2", "between 2");

        DaemonProcess second = scene.startReady(config);
        scene.awaitDelivered("between 1", "between 2");
        StreamScene.stop(second);
        stream.resize(3);
        stream.put("k1", "after 1");
        stream.put("k2", "after 2");
        scene.startReady(config);
        scene.awaitDelivered("after 1", "after 2");

        assertThat(scene.delivered()).containsExactlyInAnyOrder("between 1", "between 2", "after 1", "after 2");
    }

    @Test
    void startsAtATime() {
        TestStream stream = scene.server().stream("timed", 1);
        Instant now = Instant.now();
        stream.put("k", Payload.ofText("too old"), now.minus(Duration.ofHours(3)));
        stream.put("k", Payload.ofText("in time"), now.minus(Duration.ofHours(1)));
        stream.put("k", "new");
        String time = "StartingPosition: AT_TIMESTAMP, StartingPositionTimestamp: "
                + now.minus(Duration.ofHours(2)).getEpochSecond();
        scene.startReady(
                scene.config(scene.fn(10), StreamScene.mapping(stream.arn(), time + ", " + StreamScene.QUICK)));

        scene.awaitDelivered("new");
        assertThat(scene.delivered()).containsExactly("in time", "new");
    }

    // ---- enhanced fan-out ----

    @Test
    void subscribesAsAConsumerWithEnhancedFanOutAndFollowsTheShardsChildren() {
        TestStream stream = scene.server().stream("fan-out", 1);
        String consumer = stream.consumer("millrace");
        stream.put("k", "before");
        scene.startReady(scene.config(
                scene.fn(10), StreamScene.mapping(consumer, "StartingPosition: TRIM_HORIZON, " + StreamScene.QUICK)));
        scene.awaitDelivered("before");
        stream.put("k", "pushed");
        scene.awaitDelivered("pushed");
        stream.split(stream.openShards().getFirst());
        stream.put("k", "of the child");
        scene.awaitDelivered("of the child");

        assertThat(scene.delivered()).containsExactly("before", "pushed", "of the child");
        assertThat(scene.events())
                .allSatisfy(event -> assertThat(
                                event.json().at("/Records/0/eventSourceARN").asText())
                        .isEqualTo(consumer));
        assertThat(scene.server().calls().count(KinesisCalls.SUBSCRIBE)).isGreaterThanOrEqualTo(2);
        assertThat(scene.server().calls().count(KinesisCalls.GET_RECORDS)).isZero();
    }

    // ---- aggregated records ----

    @Test
    void takesAggregatedRecordsApartOnlyWhenToldTo() throws Exception {
        TestStream stream = scene.server().stream("aggregated", 1);
        stream.put("any", aggregate("k1", "one", "two", "three"));
        scene.startReady(scene.config(
                scene.fn(10) + Daemons.function("whole", 10, scene.function().url() + "whole"),
                StreamScene.mapping(stream, "Millrace: {PollIntervalMilliseconds: 400, Deaggregate: true}"),
                Daemons.mapping(
                        stream.arn(),
                        "whole",
                        "StartingPosition: TRIM_HORIZON, Millrace: {PollIntervalMilliseconds: 400}")));
        scene.function().awaitCalls(2);

        for (FunctionCall call : scene.function().calls()) {
            StreamEvent event = StreamEvent.of(call);
            if (call.target().equals("/whole")) {
                assertThat(event.items()).hasSize(1);
                assertThat(event.items().getFirst().partitionKey()).isEqualTo("any");
            } else {
                assertThat(event.data()).containsExactly("one", "two", "three");
                assertThat(event.items())
                        .allSatisfy(item -> assertThat(item.partitionKey()).isEqualTo("k1"));
            }
        }
    }

    /** As the Kinesis Producer Library writes records of one key: a magic number, a protobuf message, its MD5. */
    private static Payload aggregate(String key, String... data) throws Exception {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        field(message, 1, key.getBytes(StandardCharsets.UTF_8));
        for (String one : data) {
            ByteArrayOutputStream part = new ByteArrayOutputStream();
            // The index of its partition key: field 1, a number, 0.
            part.writeBytes(new byte[] {8, 0});
            field(part, 3, one.getBytes(StandardCharsets.UTF_8));
            field(message, 3, part.toByteArray());
        }
        byte[] md5 = MessageDigest.getInstance("MD5").digest(message.toByteArray());
        byte[] magic = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
        return Payload.joined(List.of(Payload.of(magic), Payload.of(message.toByteArray()), Payload.of(md5)));
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] bytes) {
        out.write(number << 3 | 2);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    // ---- tumbling windows ----

    @Test
    void aggregatesATumblingWindowOverARestart() throws InterruptedException {
        TestStream stream = scene.server().stream("tumbling", 1);
        String shard = stream.openShards().getFirst();
        Instant start = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofMinutes(10));
        scene.answers(event -> FunctionAnswer.ok("{\"state\":{\"count\":"
                + (event.json().at("/state/count").asInt() + event.items().size()) + "}}"));
        Path config = scene.config(
                scene.fn(10),
                StreamScene.mapping(stream, "BatchSize: 2, TumblingWindowInSeconds: 60, " + StreamScene.QUICK));
        stream.put("k", Payload.ofText("a"), start.plusSeconds(1));
        stream.put("k", Payload.ofText("b"), start.plusSeconds(2));
        stream.put("k", Payload.ofText("c"), start.plusSeconds(59));
        stream.put("k", Payload.ofText("d"), start.plusSeconds(60));
        DaemonProcess first = scene.startReady(config);
        scene.awaitDelivered("d");
        StreamScene.stop(first);
        stream.put("k", Payload.ofText("e"), start.plusSeconds(61));
        scene.startReady(config);
        scene.awaitDelivered("e");

        List<StreamEvent> events = scene.events();
        Instant middle = start.plusSeconds(60);
        assertThat(events).hasSize(5);
        assertWindow(events.get(0), start, 0, false, "a", "b");
        assertWindow(events.get(1), start, 2, false, "c");
        assertWindow(events.get(2), start, 3, true);
        assertWindow(events.get(3), middle, 0, false, "d");
        assertWindow(events.get(4), middle, 1, false, "e");
        JsonNode last = events.getLast().json();
        assertThat(last.get("shardId").asText()).isEqualTo(shard);
        assertThat(last.get("eventSourceARN").asText()).isEqualTo(stream.arn());
    }

    private static void assertWindow(
            StreamEvent event, Instant start, int countBefore, boolean isFinal, String... data) {
        JsonNode json = event.json();
        assertThat(event.data()).containsExactly(data);
        assertThat(json.at("/window/start").asText()).isEqualTo(start.toString());
        assertThat(json.at("/window/end").asText())
                .isEqualTo(start.plusSeconds(60).toString());
        assertThat(json.at("/state/count").asInt())
                .as("state before " + event.data())
                .isEqualTo(countBefore);
        assertThat(json.get("isFinalInvokeForWindow").asBoolean()).isEqualTo(isFinal);
        assertThat(json.get("isWindowTerminatedEarly").asBoolean()).isFalse();
    }

    /** Once, whatever comes: no record is repeated by an orderly restart. */
    @Test
    void deliversEachRecordOnceOverSplitsMergesAndOrderlyRestarts() throws InterruptedException {
        TestStream stream = scene.server().stream("orderly", 3);
        Path config = scene.config(
                scene.fn(10),
                StreamScene.mapping(stream, "BatchSize: 5, ParallelizationFactor: 2, " + StreamScene.QUICK));
        int sent = 0;
        for (int life = 0; life < 3; life++) {
            DaemonProcess daemon = scene.startReady(config);
            for (int shards : List.of(2, 5)) {
                for (int n = 0; n < 40; n++) {
                    stream.put("key-" + n % 7, String.valueOf(sent++));
                }
                stream.resize(shards);
            }
            // Some are under way, others not read yet.
            int wanted = sent - 30;
            Eventually.until(wanted + " records", () -> scene.delivered().size() >= wanted);
            StreamScene.stop(daemon);
        }
        scene.startReady(config);
        int all = sent;
        Eventually.until("all records", () -> scene.delivered().size() >= all);

        Map<String, Integer> deliveries = scene.deliveries();
        assertThat(deliveries)
                .hasSize(all)
                .allSatisfy((_, times) -> assertThat(times).isEqualTo(1));
        for (int key = 0; key < 7; key++) {
            String name = "key-" + key;
            assertThat(scene.events().stream()
                            .flatMap(event -> event.items().stream())
                            .filter(item -> item.partitionKey().equals(name))
                            .map(item -> Integer.parseInt(item.data())))
                    .isSorted();
        }
    }
}
