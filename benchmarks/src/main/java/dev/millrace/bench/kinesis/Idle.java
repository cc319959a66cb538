package dev.millrace.bench.kinesis;

import dev.millrace.bench.ChildProcess;
import dev.millrace.bench.LiveHeap;
import dev.millrace.bench.MarkdownTable;
import dev.millrace.bench.ProcessUsage;
import dev.millrace.bench.Series;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What shards without records cost the daemon: memory that stays, and CPU time. */
final class Idle {
    /**
     * At start all shards are read at once, over a connection each; the SDK closes what is idle for 50 s, and looks once a
     * minute.
     */
    private static final Duration SETTLE = Duration.ofMinutes(2);

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final double KB = 1_000;

    private final Settings settings;
    private final StreamPeer daemon;

    Idle(Settings settings, StreamPeer daemon) {
        this.settings = settings;
        this.daemon = daemon;
    }

    /** Measures with few and with many shards in turn and returns the report in Markdown. */
    String run(int few, int many, Verdicts verdicts) throws IOException, InterruptedException {
        List<Rest> ofFew = new ArrayList<>();
        List<Rest> ofMany = new ArrayList<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            ofFew.add(measure(few, round));
            ofMany.add(measure(many, round));
        }
        List<Double> perShard = new ArrayList<>();
        for (int i = 0; i < ofMany.size(); i++) {
            double more = ofMany.get(i).heapBytes - ofFew.get(i).heapBytes;
            perShard.add(more / (many - few) / KB);
        }
        Series each = new Series(perShard);
        verdicts.atMost(
                "at most 25 KB of heap per idle shard at %,d shards".formatted(many), 25, each.median(), "%.1f KB");
        MarkdownTable table = new MarkdownTable("idle shards", "live heap MB", "RSS MiB", "CPU s per minute");
        row(table, few, ofFew);
        row(table, many, ofMany);
        return "## Idle shards\n\nLive heap after a full collection, %d s after every shard was read; CPU in a window of %d s; %d repeats; JVM options: %s.%n%n%s%nHeap per idle shard, KB: %s%n%n"
                .formatted(
                        SETTLE.toSeconds(),
                        settings.window().toSeconds(),
                        settings.repeats(),
                        String.join(" ", settings.jvmOptions()),
                        table,
                        each.show("%.1f"));
    }

    private static void row(MarkdownTable table, int shards, List<Rest> of) {
        table.row(
                Integer.toString(shards),
                series(of, rest -> rest.heapBytes / KB / KB).show("%.1f"),
                series(of, rest -> rest.usage.residentMib()).show("%.0f"),
                series(of, rest -> rest.usage.cpuSeconds()).show("%.1f"));
    }

    private static Series series(List<Rest> of, ToDoubleFunction<Rest> figure) {
        return new Series(of.stream().mapToDouble(figure).boxed().toList());
    }

    private Rest measure(int shards, int round) throws IOException, InterruptedException {
        Load load = new Load(shards, 100, 0, 100, 1, 0);
        String name = daemon.name() + "-idle-" + shards;
        try (Stage stage = load.open(name, round, settings, List.of());
                ChildProcess process = stage.start(daemon.command(stage, load, settings))) {
            stage.awaitSource("shardsRead", shards, process, PATIENCE);
            ProcessUsage usage = stage.atRest(process, SETTLE);
            Rest rest = new Rest(LiveHeap.bytesOf(process), usage);
            System.out.printf("idle %d, %d shards: %s%n", round, shards, rest);
            return rest;
        }
    }

    /**
     * One run.
     *
     * @param usage with CPU seconds per minute
     */
    private record Rest(long heapBytes, ProcessUsage usage) {}
}
