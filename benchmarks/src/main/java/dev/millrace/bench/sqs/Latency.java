package dev.millrace.bench.sqs;

import dev.millrace.bench.ChildProcess;
import dev.millrace.bench.MarkdownTable;
import dev.millrace.bench.Series;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The delay from a message's becoming visible to its arrival at the function, at a fixed pace. */
final class Latency {
    /** After the burst that warms a peer up, until its long polls are the only thing going on. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final Settings settings;
    private final List<Peer> peers;
    private final int concurrency;
    private final int perSecond;

    /**
     * Measures and reports.
     *
     * @param concurrency batches at a time
     * @param perSecond messages per second
     */
    Latency(Settings settings, List<Peer> peers, int concurrency, int perSecond) {
        this.settings = settings;
        this.peers = peers;
        this.concurrency = concurrency;
        this.perSecond = perSecond;
    }

    /** Measures and returns the report in Markdown. */
    String run() throws IOException, InterruptedException {
        Map<Peer, List<Delays>> runs = new LinkedHashMap<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            for (Peer peer : peers) {
                Delays delays = measure(peer, round);
                System.out.printf("round %d, %s: %s%n", round, peer.name(), delays);
                runs.computeIfAbsent(peer, p -> new ArrayList<>()).add(delays);
            }
        }
        return report(runs);
    }

    private Delays measure(Peer peer, int round) throws IOException, InterruptedException {
        String queue = "paced-" + perSecond + "-after-" + settings.warmup().toSeconds();
        try (Stage stage = Target.stage(peer.name(), round, settings, "--delays");
                ChildProcess consumer =
                        stage.start(peer.command(Target.on(stage, List.of(queue), concurrency), settings))) {
            awaitFirstReceive(stage, consumer);
            Stage.pass(settings.warmup().plus(SETTLE));
            stage.function().reset();
            Stage.pass(settings.window());
            Delays delays = Delays.of(stage.function().stats());
            long expected = perSecond * settings.window().toSeconds();
            if (!consumer.isAlive() || delays.count < expected * 0.98 || delays.count > expected * 1.02) {
                throw consumer.failed("brought " + delays.count + " of " + expected + " messages to the function");
            }
            return delays;
        }
    }

    private static void awaitFirstReceive(Stage stage, ChildProcess consumer) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < 600; attempt++) {
            if (stage.source().stats().getOrDefault("receives", 0L) > 0) {
                return;
            }
            Stage.pass(Duration.ofMillis(100));
        }
        throw consumer.failed("did not receive within a minute");
    }

    private String report(Map<Peer, List<Delays>> runs) {
        Optional<List<Delays>> raw = runs.entrySet().stream()
                .filter(entry -> entry.getKey().name().startsWith("raw:"))
                .map(Map.Entry::getValue)
                .findFirst();
        MarkdownTable table = new MarkdownTable(
                "peer", "p50 ms", "p99 ms", "max ms", "p50 over the raw loop ms", "p99 over the raw loop ms");
        runs.forEach((peer, of) -> table.row(
                peer.name(),
                p50(of).show("%.2f"),
                p99(of).show("%.2f"),
                new Series(of.stream().map(Delays::max).toList()).show("%.2f"),
                raw.map(r -> "%.2f".formatted(p50(of).median() - p50(r).median()))
                        .orElse("-"),
                raw.map(r -> "%.2f".formatted(p99(of).median() - p99(r).median()))
                        .orElse("-")));
        return "## Latency\n\nFrom visible to invoked at %d messages/s, %d s window after %d s of full load, %d interleaved repeats; median (lowest to highest).\n\n%s\n"
                .formatted(
                        perSecond,
                        settings.window().toSeconds(),
                        settings.warmup().toSeconds(),
                        settings.repeats(),
                        table);
    }

    private static Series p50(List<Delays> of) {
        return new Series(of.stream().map(Delays::p50).toList());
    }

    private static Series p99(List<Delays> of) {
        return new Series(of.stream().map(Delays::p99).toList());
    }

    /** One window's delays in milliseconds. */
    private record Delays(long count, double p50, double p99, double max) {
        static Delays of(Map<String, Long> stats) {
            return new Delays(
                    stats.getOrDefault("delays", 0L), millis(stats, "p50"), millis(stats, "p99"), millis(stats, "max"));
        }

        private static double millis(Map<String, Long> stats, String name) {
            return stats.getOrDefault(name, 0L) / 1000.0;
        }

        @Override
        public String toString() {
            return "%d messages, p50 %.2f ms, p99 %.2f ms, max %.2f ms".formatted(count, p50, p99, max);
        }
    }
}
