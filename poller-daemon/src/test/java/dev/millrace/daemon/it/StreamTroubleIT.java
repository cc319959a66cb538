package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.kinesis.KinesisCalls;
import dev.millrace.testkit.kinesis.KinesisFault;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.Placed;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.service.Faults;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that fail in every way that Kinesis knows, that are missing, deleted, or have lost records. */
final class StreamTroubleIT {

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
    void deliversEachRecordOnceAndInOrderWhateverCallsGoThrough() throws InterruptedException {
        int records = 300;
        TestStream stream = scene.server().stream("shaky", 2);
        List<Fault> faults = List.of(
                KinesisFault.throttled(),
                KinesisFault.expiredIterator(),
                KinesisFault.internalFailure(),
                KinesisFault.unavailable(),
                new Fault.Disconnected(),
                new Fault.AnswerLost(),
                new Fault.AnswerCut(),
                new Fault.EmptyRead(),
                new Fault.Delayed(Duration.ofMillis(300)),
                new Fault.Meanwhile(scene.server()::expireIterators));
        Faults.Target reads = scene.server().faults().at(KinesisCalls.GET_RECORDS);
        for (int n = 0; n < faults.size(); n++) {
            reads.sometimes(0.06, n, faults.get(n));
        }
        scene.server().faults().at(KinesisCalls.GET_ITERATOR).sometimes(0.1, 42, KinesisFault.limitExceeded());
        scene.server().faults().at(KinesisCalls.LIST_SHARDS).next(KinesisFault.internalFailure());
        scene.server().faults().at(KinesisCalls.DESCRIBE).next(new Fault.Disconnected());
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10),
                StreamScene.mapping(stream, "BatchSize: 7, ParallelizationFactor: 2, " + StreamScene.QUICK)));
        for (int n = 0; n < records; n++) {
            stream.put("key-" + n % 9, String.valueOf(n));
            if (n == records / 3) {
                stream.resize(3);
            }
            if (n % 20 == 0) {
                int wanted = n / 2;
                Eventually.until(wanted + " records", () -> scene.delivered().size() >= wanted);
            }
        }
        Eventually.until("all records", () -> scene.delivered().size() >= records);
        // Chance decides which reads fail; idle ones count as well.
        scene.server().calls().awaitStruck(KinesisCalls.GET_RECORDS, 10);
        StreamScene.stop(daemon);

        assertThat(scene.deliveries())
                .hasSize(records)
                .allSatisfy((_, times) -> assertThat(times).isEqualTo(1));
        assertThat(IntStream.range(0, 9).mapToObj(key -> "key-" + key))
                .allSatisfy(key -> assertThat(scene.events().stream()
                                .flatMap(event -> event.items().stream())
                                .filter(item -> item.partitionKey().equals(key))
                                .map(item -> Integer.parseInt(item.data())))
                        .isSorted());
    }

    /** Two mappings read one shard more often than the five times a second that it takes. */
    @Test
    void sharesTheLimitsOfAShardWithOthers() throws Exception {
        String often = "Millrace: {PollIntervalMilliseconds: 350}";
        scene.server().configure(settings -> settings.withLimits(true));
        TestStream stream = scene.server().stream("limited", 1);
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10) + Daemons.function("other", 10, scene.function().url() + "other"),
                StreamScene.mapping(stream, often),
                Daemons.mapping(stream.arn(), "other", "StartingPosition: TRIM_HORIZON, " + often)));
        for (int n = 0; n < 20; n++) {
            stream.put("k", String.valueOf(n));
            int wanted = n;
            Eventually.until(
                    "both to get record " + n,
                    () -> Integer.valueOf(2).equals(scene.deliveries().get(String.valueOf(wanted))));
        }

        assertThat(scene.deliveries())
                .hasSize(20)
                .allSatisfy((_, times) -> assertThat(times).isEqualTo(2));
        Eventually.until(
                "a read to be throttled", () -> daemon.metric("millrace_source_errors_total", "\"throttled\"") > 0);
    }

    // ---- no access, no stream ----

    @Test
    void namesTheRightThatIsMissingWhileTheOtherMappingGoesOnAndRecoversWhenAllowed() throws Exception {
        TestStream denied = scene.server().stream("denied", 1);
        TestStream fine = scene.server().stream("fine", 1);
        scene.server()
                .faults()
                .at(KinesisCalls.GET_RECORDS)
                .onStream(denied.name())
                .always(KinesisFault.accessDenied());
        denied.put("k", "a");
        fine.put("k", "b");
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10),
                StreamScene.mapping(denied, StreamScene.QUICK),
                StreamScene.mapping(fine, StreamScene.QUICK)));

        daemon.output().await("WARN", denied.arn(), "denies access", "kinesis:GetRecords");
        scene.awaitDelivered("b");
        Eventually.until(
                "the daemon not to be ready", () -> daemon.get("/health/ready").status() == 503);
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);
        assertThat(daemon.status().at("/EventSourceMappings/0/State").asText())
                .contains("ACCESS_DENIED", "1 of 1 shards");
        assertThat(daemon.status().at("/EventSourceMappings/0/Shards/0/Problem").asText())
                .contains(denied.arn(), "kinesis:GetRecords");
        assertThat(daemon.status().at("/EventSourceMappings/1/State").asText()).isEqualTo("Enabled");

        scene.server().faults().heal();
        scene.awaitDelivered("a");
        daemon.output().await(denied.name(), "can be read again");
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
    }

    @Test
    void waitsForAStreamThatIsMissingAndStartsWhenItIsCreated() throws Exception {
        TestStream fine = scene.server().stream("fine", 1);
        fine.put("k", "b");
        String missing = fine.arn().replace("/fine", "/missing");
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10),
                StreamScene.mapping(missing, "StartingPosition: TRIM_HORIZON, " + StreamScene.QUICK),
                StreamScene.mapping(fine, StreamScene.QUICK)));

        daemon.output().await("WARN", missing, "does not exist", "Create it, or correct EventSourceArn");
        scene.awaitDelivered("b");
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);
        assertThat(daemon.status().at("/EventSourceMappings/0/State").asText()).contains("NOT_FOUND");
        assertThat(daemon.status().at("/EventSourceMappings/0/Problem").asText())
                .contains(missing);

        scene.server().stream("missing", 1).put("k", "a");
        scene.awaitDelivered("a");
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
    }

    @Test
    void startsAnewOnAStreamThatWasDeletedAndCreatedWhileTheDaemonWasDown() throws InterruptedException {
        TestStream first = scene.server().stream("again", 2);
        putToBoth(first, "old");
        Path config = scene.config(scene.fn(10), StreamScene.mapping(first, StreamScene.QUICK));
        DaemonProcess daemon = scene.startReady(config);
        scene.awaitDelivered("old 0", "old 1");
        StreamScene.stop(daemon);
        first.delete();
        TestStream second = scene.server().stream("again", 2);
        putToBoth(second, "new");

        DaemonProcess restarted = scene.startReady(config);
        scene.awaitDelivered("new 0", "new 1");
        restarted.output().await("INFO", second.name(), "deleted and created anew", "oldest record");
    }

    private static void putToBoth(TestStream stream, String data) {
        for (int n = 0; n < 2; n++) {
            stream.putOn(stream.openShards().get(n), "k" + n, Payload.ofText(data + " " + n));
        }
    }

    // ---- lost records ----

    @Test
    void tellsOfAGapWhenTheRetentionTookRecordsThatWereNotReadYet() throws Exception {
        TestStream stream = scene.server().stream("gap", 1);
        stream.retain(Duration.ofDays(2));
        Instant arrival = Instant.now().minus(Duration.ofHours(30));
        stream.put("k", Payload.ofText("lost"), arrival);
        // Kinesis answers such reads on its way to the next record: the daemon learns how far behind it is.
        scene.server().faults().at(KinesisCalls.GET_RECORDS).always(new Fault.EmptyRead());
        Path config = scene.config(scene.fn(10), StreamScene.mapping(stream, StreamScene.QUICK));
        DaemonProcess first = scene.startReady(config);
        scene.server().calls().awaitStruck(KinesisCalls.GET_RECORDS, 2);
        StreamScene.stop(first);
        stream.retain(Duration.ofHours(24));
        scene.server().faults().heal();
        stream.put("k", "kept");

        DaemonProcess second = scene.startReady(config);
        scene.awaitDelivered("kept");
        assertThat(scene.delivered()).containsExactly("kept");
        String line = second.output().await("ERROR", stream.name(), "records are lost", "24 hours");
        assertThat(line).contains("from=\"" + arrival.toString().substring(0, 13));
        assertThat(second.metric("millrace_gaps_total", stream.name())).isEqualTo(1);
    }

    @Test
    void readsOnAtTheOldestRecordWhenTheStreamSaysThatItsPositionIsGone() throws Exception {
        TestStream stream = scene.server().stream("trimmed", 1);
        Placed first = stream.put("k", "first");
        Path config = scene.config(scene.fn(10), StreamScene.mapping(stream, StreamScene.QUICK));
        DaemonProcess daemon = scene.startReady(config);
        scene.awaitDelivered("first");
        StreamScene.stop(daemon);
        Placed lost = stream.put("k", "lost");
        stream.put("k", "kept");
        stream.trim(lost.shardId(), lost.sequenceNumber());
        scene.server()
                .faults()
                .at(KinesisCalls.GET_ITERATOR)
                .next(new Fault.Refused(
                        400,
                        "InvalidArgumentException",
                        "StartingSequenceNumber " + first.sequenceNumber() + " is older than the trim horizon."));

        DaemonProcess restarted = scene.startReady(config);
        scene.awaitDelivered("kept");
        restarted.output().await("ERROR", "records are lost", "older than the stream's retention");
        assertThat(restarted.metric("millrace_gaps_total", stream.name())).isEqualTo(1);
        assertThat(scene.delivered()).containsExactly("first", "kept");
    }
}
