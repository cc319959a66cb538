package dev.millrace.daemon.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.millrace.daemon.it.Daemons;
import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.guarantee.AtLeastOnce;
import dev.millrace.testkit.guarantee.Invocation;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.PerGroupOrder;
import dev.millrace.testkit.guarantee.Sent;
import dev.millrace.testkit.guarantee.SerialPerGroup;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Daemons follow the mappings that an operator puts into the table that they share. */
final class SharedMappingsIT {

    private static final UUID MAPPING = new UUID(0, 1);
    private static final int TIMEOUT_SECONDS = 5;
    private static final int KEYS = 20;
    private static final int BETWEEN_SENDS_MILLIS = 40;
    private static final int RECORDS_AT_ONCE = 8;

    private final AtLeastOnce atLeastOnce = new AtLeastOnce();
    private final Ledger ledger = new Ledger(atLeastOnce, new PerGroupOrder(), new SerialPerGroup());
    private final AtomicInteger largestBatch = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    void pollsWhatAnOperatorPutsChangesAndTakesAwayWhileRecordsFlow() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder);
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            TestStream stream = scene.server().stream("flowing", 4);
            scene.function().always(this::process);
            Path config = scene.config("operator", TIMEOUT_SECONDS);
            DaemonProcess one = scene.start("one", TIMEOUT_SECONDS).awaitReady();
            DaemonProcess two = scene.start("two", TIMEOUT_SECONDS).awaitReady();
            ScheduledFuture<?> sending =
                    clock.scheduleWithFixedDelay(() -> send(stream), 0, BETWEEN_SENDS_MILLIS, TimeUnit.MILLISECONDS);

            assertThat(put(config, mapping(stream, "BatchSize: 1"))).contains("1 added, 0 changed, 0 left");
            Eventually.until("both nodes to have shards", () -> shards(one) == 2 && shards(two) == 2);
            ledger.awaitInvocations(100);
            assertThat(largestBatch).hasValue(1);

            assertThat(put(config, mapping(stream, "BatchSize: 50"))).contains("0 added, 1 changed, 0 left");
            Eventually.until("larger batches", () -> largestBatch.get() > 1);
            Eventually.until("both nodes to have shards again", () -> shards(one) == 2 && shards(two) == 2);
            assertThat(put(config, mapping(stream, "BatchSize: 50"))).contains("0 added, 0 changed, 1 left");

            put(config, mapping(stream, "BatchSize: 50, Enabled: false"));
            awaitState(one, "Disabled");
            awaitState(two, "Disabled");
            assertThat(one.metrics().keySet()).noneMatch(series -> series.contains(MAPPING.toString()));
            DaemonProcess three = scene.start("three", TIMEOUT_SECONDS).awaitReady();
            put(config, mapping(stream, "BatchSize: 50"));
            awaitState(three, "Enabled");
            Eventually.until("all shards to be processed", () -> shards(one) + shards(two) + shards(three) == 4);

            Daemons.run("mappings", "delete", config.toString(), MAPPING.toString());
            for (DaemonProcess node : List.of(one, two, three)) {
                awaitState(node, "not there");
            }
            put(config, mapping(stream, "BatchSize: 50"));

            ledger.awaitInvocations(ledger.invocations() + 20);
            sending.cancel(false);
            Eventually.until("the sender to stop", sending::isDone);
            Eventually.holds("everything to be processed", ledger::check);
            assertThat(ledger.read(atLeastOnce::repetitions))
                    .as("of " + sent + " records; mappings stop in order and go on where they were")
                    .isEmpty();
        }
    }

    @Test
    void showsWhatIsWrongOnANodeAndLetsTheNodesFileCount() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder)) {
            TestStream stream = scene.server().stream("shared", 4);
            TestStream other = scene.server().stream("other", 1);
            scene.function().always(_ -> FunctionAnswer.ok(""));
            String also = scene.function("one", TIMEOUT_SECONDS)
                    + Daemons.function("also", TIMEOUT_SECONDS, scene.function().url() + "also");
            Path config = scene.config("one", also);
            DaemonProcess one = scene.start(config).awaitReady();
            String mine = Daemons.mapping(other.arn(), "fn", "StartingPosition: TRIM_HORIZON");
            DaemonProcess two = scene.start("two", TIMEOUT_SECONDS, mine).awaitReady();

            put(
                    config,
                    Daemons.mapping(stream.arn(), "also", "UUID: " + MAPPING + ", StartingPosition: TRIM_HORIZON")
                            + Daemons.mapping(other.arn(), "fn", "StartingPosition: LATEST, BatchSize: 7"));

            Eventually.until("one to have all shards", () -> shards(one) == 4);
            Eventually.holds(
                    "two to say what it does not poll",
                    () -> assertThat(two.status().at("/SharedMappings/NotPolled"))
                            .extracting(not -> not.get("State").asText())
                            .containsExactlyInAnyOrder("wrong", "overridden by this node's file"));
            assertThat(two.status().at("/SharedMappings/NotPolled").toString())
                    .contains("no function 'also'", "already exists");
            assertThat(two.output().toString())
                    .contains("a shared mapping is not polled by this node", "and the file counts");
            assertThat(two.awaitReady().get("/health/live").status()).isEqualTo(200);
            stream.put("key", "data");
            Eventually.until(
                    "the record to reach the function of one",
                    () -> scene.function().calls().stream()
                            .anyMatch(call -> call.target().equals("/also")));
        }
    }

    @Test
    void tellsOperatorsWhatTheyHaveDoneAndWhatIsWrong() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder)) {
            String arn = "arn:aws:sqs:us-east-1:000000000000:orders";
            String config = scene.config("operator", TIMEOUT_SECONDS).toString();
            String file = folder.resolve("mappings.yaml").toString();
            put(Path.of(config), Daemons.mapping(arn, "fn", "UUID: " + MAPPING + ", Tags: {team: shop, stage: prod}"));

            String shown = Daemons.run("mappings", "show", config, MAPPING.toString());
            Files.writeString(Path.of(file), shown);
            assertThat(Daemons.run("mappings", "put", config, file)).contains("0 added, 0 changed, 1 left");

            Files.writeString(Path.of(file), shown.replace("\"BatchSize\" : 10", "\"BatchSize\" : 0"));
            assertThat(Daemons.run(2, "mappings", "put", config, file)).contains("EventSourceMappings[0].BatchSize: ");
            Files.writeString(Path.of(file), shown.replace(MAPPING.toString(), new UUID(0, 2).toString()));
            assertThat(Daemons.run(2, "mappings", "put", config, file))
                    .contains("already exists", MAPPING.toString(), "nothing was written");
            assertThat(Daemons.run("mappings", "list", config))
                    .containsPattern(MAPPING + " +" + arn + " +fn +10 +\\S+ +polled");

            assertThat(Daemons.run(1, "mappings", "show", config, new UUID(0, 2).toString()))
                    .contains(new UUID(0, 2) + ": there is no such mapping");
            assertThat(Daemons.run("mappings", "delete", config, MAPPING.toString()))
                    .contains("deleted  " + MAPPING);
            assertThat(Daemons.run(1, "mappings", "delete", config, MAPPING.toString()))
                    .contains(MAPPING + ": there is no such mapping");
        }
    }

    // ---- records ----

    private void send(TestStream stream) {
        IntStream.range(0, RECORDS_AT_ONCE).forEach(_ -> {
            int number = sent.incrementAndGet();
            String key = "key-" + number % KEYS;
            String id = "record-" + number;
            ledger.sent(new Sent(id, key));
            stream.put(key, id);
        });
    }

    private FunctionAnswer process(FunctionCall call) {
        List<Sent> records = StreamEvent.of(call).items().stream()
                .map(item -> new Sent(item.data(), item.partitionKey()))
                .toList();
        largestBatch.accumulateAndGet(records.size(), Math::max);
        Invocation invocation = ledger.started(call.target().substring(1), records);
        ledger.processed(invocation);
        return FunctionAnswer.ok("");
    }

    // ---- mappings ----

    private static String mapping(TestStream stream, String members) {
        return StreamScene.mapping(stream, "UUID: " + MAPPING + ", " + StreamScene.QUICK + ", " + members);
    }

    private String put(Path config, String mappings) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("mappings.yaml"), "EventSourceMappings:\n" + mappings);
        return Daemons.run("mappings", "put", config.toString(), file.toString());
    }

    private static JsonNode status(DaemonProcess daemon) throws IOException {
        for (JsonNode mapping : daemon.status().get("EventSourceMappings")) {
            if (mapping.get("UUID").asText().equals(MAPPING.toString())) {
                return mapping;
            }
        }
        return MissingNode.getInstance();
    }

    private static int shards(DaemonProcess daemon) throws IOException {
        return status(daemon).path("ShardsProcessed").asInt();
    }

    private static void awaitState(DaemonProcess daemon, String state) {
        Eventually.holds(
                "the mapping to be " + state,
                () -> assertThat(status(daemon).path("State").asText("not there"))
                        .isEqualTo(state));
    }
}
