package dev.millrace.bench.sqs;

import dev.millrace.bench.ChildProcess;
import dev.millrace.bench.Daemon;
import dev.millrace.bench.MarkdownTable;
import dev.millrace.bench.ProcessUsage;
import dev.millrace.bench.Series;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What the daemon needs before and without any work: time to its first receive, memory with many idle mappings. */
final class Footprint {
    /** The source's count of queues that are polled. */
    private static final String POLLED = "queues";
    /** Nothing arrives, so it does not matter. */
    private static final int CONCURRENCY = 16;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Settings settings;
    private final Daemon daemon;
    private final int mappings;

    /** @param mappings how many idle queue mappings */
    Footprint(Settings settings, Daemon daemon, int mappings) {
        this.settings = settings;
        this.daemon = daemon;
        this.mappings = mappings;
    }

    /** Measures and returns the report in Markdown. */
    String run() throws IOException, InterruptedException {
        MarkdownTable starts = new MarkdownTable("start", "process start to first receive, ms");
        starts.row("without AOT cache", firstReceives(false).show("%.0f"));
        starts.row(
                "with AOT cache",
                daemon.aotCache().isPresent() ? firstReceives(true).show("%.0f") : "no AOT cache in the distribution");
        MarkdownTable memory = new MarkdownTable("idle queue mappings", "RSS MiB", "CPU s per minute");
        List<ProcessUsage> idle = idleUsages();
        memory.row(
                Integer.toString(mappings),
                new Series(idle.stream().map(ProcessUsage::residentMib).toList()).show("%.0f"),
                new Series(idle.stream().map(ProcessUsage::cpuSeconds).toList()).show("%.2f"));
        return "## Footprint\n\n%d repeats; median (lowest to highest). JVM options: %s.%n%n%s%n%s%n"
                .formatted(
                        settings.repeats(),
                        settings.jvmOptions().isEmpty() ? "none" : String.join(" ", settings.jvmOptions()),
                        starts,
                        memory);
    }

    private Series firstReceives(boolean withAotCache) throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            try (Stage stage = Target.stage("millrace-start", round, settings)) {
                List<String> command = command(stage, List.of("idle"), withAotCache);
                Instant start = Instant.now();
                try (ChildProcess process = stage.start(command)) {
                    stage.awaitSource(POLLED, 1, process, PATIENCE);
                    Instant first = Instant.EPOCH.plus(
                            stage.source().stats().getOrDefault("firstReceiveMicros", 0L), ChronoUnit.MICROS);
                    millis.add(Duration.between(start, first).toNanos() / 1e6);
                }
            }
            System.out.printf(
                    "start %d, %s AOT cache: %.0f ms%n", round, withAotCache ? "with" : "without", millis.getLast());
        }
        return new Series(millis);
    }

    private List<ProcessUsage> idleUsages() throws IOException, InterruptedException {
        List<String> queues =
                IntStream.range(0, mappings).mapToObj(i -> "idle-" + i).toList();
        List<ProcessUsage> usages = new ArrayList<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            try (Stage stage = Target.stage("millrace-idle", round, settings);
                    ChildProcess process = stage.start(command(stage, queues, true))) {
                stage.awaitSource(POLLED, mappings, process, PATIENCE);
                usages.add(stage.atRest(process, Stage.SETTLE));
            }
            System.out.printf("idle %d: %s%n", round, usages.getLast());
        }
        return usages;
    }

    private List<String> command(Stage stage, List<String> queues, boolean withAotCache) throws IOException {
        Path config = Peer.Millrace.writeConfig(Target.on(stage, queues, CONCURRENCY), settings.directory());
        return daemon.command(config, settings.jvmOptions(), withAotCache);
    }
}
