package dev.millrace.daemon.it.cluster;

import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures how long it takes until a node's first record, and until the shards of a node that is killed or stopped are processed
 * by another one. Holds nothing to a bound; {@code -Dmillrace.it.takeovers=N} runs N rounds of each and prints them, {@code
 * -Dmillrace.it.preset=Thrifty} with the other preset.
 */
@EnabledIfSystemProperty(named = "millrace.it.takeovers", matches = "[0-9]+")
final class TakeoverTimesIT {

    private static final int ROUNDS = Integer.getInteger("millrace.it.takeovers", 0);
    private static final String PRESET = System.getProperty("millrace.it.preset", "Fast");

    private static final int SHARDS = 4;
    private static final Duration BETWEEN_RECORDS = Duration.ofMillis(100);

    private final Map<String, Long> calls = new ConcurrentHashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private int lives;

    private enum Blow {
        SIGTERM_TO_THE_LEADER,
        KILL_OF_THE_LEADER,
        KILL_OF_ANOTHER
    }

    @TempDir
    private Path folder;

    @Test
    void measures() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder, "Preset: " + PRESET);
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            TestStream stream = scene.server().stream("measured", SHARDS);
            for (int i = 0; keys.size() < SHARDS; i++) {
                keys.putIfAbsent(stream.shardOf("key-" + i), "key-" + i);
            }
            scene.function().always(this::called);
            var _ = clock.scheduleAtFixedRate(
                    () -> keys.forEach((shardId, key) -> stream.put(key, shardId)),
                    0,
                    BETWEEN_RECORDS.toMillis(),
                    TimeUnit.MILLISECONDS);
            starts(scene, stream);
            for (Blow blow : Blow.values()) {
                takeovers(scene, stream, blow);
            }
        }
    }

    private FunctionAnswer called(FunctionCall call) {
        long now = System.nanoTime();
        StreamEvent.of(call)
                .data()
                .forEach(shardId -> calls.putIfAbsent(call.target().substring(1) + "/" + shardId, now));
        return FunctionAnswer.ok("");
    }

    /** From the line that says that the daemon runs, and from the start of its process, to the first record. */
    private void starts(ClusterScene scene, TestStream stream) throws Exception {
        List<Double> sinceRunning = new ArrayList<>();
        List<Double> sinceProcess = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            long began = System.nanoTime();
            Node node = start(scene, stream);
            Eventually.until("it to run", node.daemon()::serving);
            long running = System.nanoTime();
            Eventually.until("its first record", () -> first(node.name(), keys.keySet()) < Long.MAX_VALUE);
            long first = first(node.name(), keys.keySet());
            if (round == 0) {
                report("first record without tables: " + seconds(running, first) + " s after running, "
                        + seconds(began, first) + " s after the process was started");
            } else {
                sinceRunning.add(seconds(running, first));
                sinceProcess.add(seconds(began, first));
            }
            StreamScene.stop(node.daemon());
        }
        report("first record with tables, after running: " + summary(sinceRunning));
        report("first record with tables, after the process was started: " + summary(sinceProcess));
    }

    private void takeovers(ClusterScene scene, TestStream stream, Blow blow) throws Exception {
        List<Double> firsts = new ArrayList<>();
        List<Double> lasts = new ArrayList<>();
        // The one that is longer there leads.
        Node leader = start(scene, stream);
        for (int round = 0; round < ROUNDS; round++) {
            Node first = leader;
            Node second = start(scene, stream);
            Eventually.until(
                    "both have half",
                    () -> shards(first).size() == 2 && shards(second).size() == 2);
            Node leaving = blow == Blow.KILL_OF_ANOTHER ? second : first;
            Node staying = blow == Blow.KILL_OF_ANOTHER ? first : second;
            List<String> moving = shards(leaving);
            // It had them in the rounds before.
            moving.forEach(shardId -> calls.remove(staying.name() + "/" + shardId));
            long at = System.nanoTime();
            if (blow == Blow.SIGTERM_TO_THE_LEADER) {
                leaving.daemon().terminate();
            } else {
                leaving.daemon().kill();
            }
            Eventually.until("all to be taken over", () -> last(staying.name(), moving) < Long.MAX_VALUE);
            firsts.add(seconds(at, first(staying.name(), moving)));
            lasts.add(seconds(at, last(staying.name(), moving)));
            leaving.daemon().awaitExit();
            leaving.daemon().close();
            leader = staying;
        }
        StreamScene.stop(leader.daemon());
        report(blow + " -> first record of the first shard taken over: " + summary(firsts));
        report(blow + " -> first record of the last shard taken over: " + summary(lasts));
    }

    private record Node(String name, DaemonProcess daemon) {}

    private Node start(ClusterScene scene, TestStream stream) {
        String name = "node-" + lives++;
        return new Node(name, scene.start(name, 5, StreamScene.mapping(stream, StreamScene.QUICK)));
    }

    private static List<String> shards(Node node) throws IOException {
        if (!node.daemon().serving()) {
            return List.of();
        }
        List<String> shards = new ArrayList<>();
        node.daemon()
                .status()
                .get("EventSourceMappings")
                .get(0)
                .withArray("Shards")
                .forEach(shard -> shards.add(shard.get("ShardId").asText()));
        return shards;
    }

    private long first(String node, Iterable<String> shardIds) {
        long first = Long.MAX_VALUE;
        for (String shardId : shardIds) {
            first = Math.min(first, calls.getOrDefault(node + "/" + shardId, Long.MAX_VALUE));
        }
        return first;
    }

    private long last(String node, Iterable<String> shardIds) {
        long last = Long.MIN_VALUE;
        for (String shardId : shardIds) {
            last = Math.max(last, calls.getOrDefault(node + "/" + shardId, Long.MAX_VALUE));
        }
        return last;
    }

    private static double seconds(long from, long to) {
        return Math.round((to - from) / 1e8) / 10.0;
    }

    private static String summary(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return "median " + sorted.get(sorted.size() / 2) + " s, most " + sorted.getLast() + " s of "
                + values.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    @SuppressWarnings("SystemOut") // What it is for.
    private static void report(String text) {
        System.out.println("[TAKEOVER] " + text);
    }
}
