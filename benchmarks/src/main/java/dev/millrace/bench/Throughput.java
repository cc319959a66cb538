package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Messages per second and CPU time per message of each peer on a queue that never runs empty. */
final class Throughput {
    /** What counts as the same amount of work seen from both ends, given batches in flight at the window's borders. */
    private static final double TOLERANCE = 0.02;

    /** Cores used by processes that are no part of the run; kernel threads that move the run's own bytes are among them. */
    private static final double MAX_OTHERS = 0.15;

    private final Settings settings;
    private final List<Peer> peers;

    Throughput(Settings settings, List<Peer> peers) {
        this.settings = settings;
        this.peers = peers;
    }

    /** Measures and returns the report in Markdown. */
    String run() throws IOException, InterruptedException {
        Map<Peer, List<Run>> runs = new LinkedHashMap<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            for (Peer peer : peers) {
                Run run = measure(peer, round);
                System.out.printf("round %d, %s: %s%n", round, peer.name(), run);
                runs.computeIfAbsent(peer, p -> new ArrayList<>()).add(run);
            }
        }
        return report(runs);
    }

    private Run measure(Peer peer, int round) throws IOException, InterruptedException {
        try (Stage stage = Stage.open(peer.name(), round, settings);
                ChildProcess consumer = stage.start(peer.command(stage.target(List.of("endless")), settings))) {
            warmUp(stage, consumer);
            Sample before = Sample.take(stage, consumer);
            Stage.pass(settings.window());
            Sample after = Sample.take(stage, consumer);
            if (after.messages() == before.messages()) {
                throw consumer.failed("processed nothing");
            }
            return Run.between(before, after);
        }
    }

    private void warmUp(Stage stage, ChildProcess consumer) throws IOException, InterruptedException {
        Stage.pass(settings.warmup());
        long step = settings.warmup().dividedBy(10).toMillis();
        for (long waited = 0;
                waited < settings.warmup().toMillis() * (Settings.MAX_WARMUP_FACTOR - 1);
                waited += Math.max(step, 1)) {
            if (stage.sqs().stats().getOrDefault("deletedMessages", 0L) >= settings.warmupMessages()) {
                return;
            }
            consumer.usage();
            Stage.pass(Duration.ofMillis(Math.max(step, 1)));
        }
        System.out.printf("the next run's warm-up ended before %d messages%n", settings.warmupMessages());
    }

    private String report(Map<Peer, List<Run>> runs) {
        MarkdownTable table = new MarkdownTable(
                "peer",
                "messages/s",
                "CPU s per 100k messages",
                "RSS MiB",
                "messages per POST",
                "cores: peer",
                "cores: canned SQS",
                "cores: function",
                "cores: others");
        runs.forEach((peer, of) -> table.row(
                peer.name(),
                series(of, Run::messagesPerSecond).show("%.0f"),
                series(of, Run::cpuPer100k).show("%.2f"),
                series(of, Run::residentMib).show("%.0f"),
                series(of, Run::messagesPerPost).show("%.1f"),
                series(of, Run::peerCores).show("%.2f"),
                series(of, Run::sqsCores).show("%.2f"),
                series(of, Run::functionCores).show("%.2f"),
                series(of, Run::otherCores).show("%.2f")));
        return "## Throughput\n\n" + caption() + "\n\n" + table + "\n" + ratios(runs) + warnings(runs)
                + busyMachine(runs);
    }

    private String caption() {
        return "Endless queue, 10 messages of 100 B per receive, %d batches at a time; %d s warm-up, %d s window, %d interleaved repeats; median (lowest to highest)."
                .formatted(
                        settings.concurrency(),
                        settings.warmup().toSeconds(),
                        settings.window().toSeconds(),
                        settings.repeats());
    }

    private static String ratios(Map<Peer, List<Run>> runs) {
        List<Peer> references = runs.keySet().stream()
                .filter(peer -> peer.name().startsWith("raw:") || peer.name().startsWith("spring:"))
                .toList();
        if (references.isEmpty()) {
            return "";
        }
        List<String> heads = new ArrayList<>(List.of("CPU per message, ratio of medians"));
        references.forEach(reference -> heads.add("to " + reference.name()));
        MarkdownTable table = new MarkdownTable(heads.toArray(String[]::new));
        runs.forEach((peer, of) -> {
            List<String> cells = new ArrayList<>(List.of(peer.name()));
            double own = series(of, Run::cpuPer100k).median();
            for (Peer reference : references) {
                double other = series(runs.getOrDefault(reference, of), Run::cpuPer100k)
                        .median();
                cells.add("%.2f".formatted(own / other));
            }
            table.row(cells.toArray(String[]::new));
        });
        return table + "\n";
    }

    private static String warnings(Map<Peer, List<Run>> runs) {
        StringBuilder warnings = new StringBuilder();
        runs.forEach((peer, of) -> {
            if (of.stream().anyMatch(run -> Math.abs(run.deletedPerReceived() - 1) > TOLERANCE)) {
                warnings.append("**%s deleted a different number of messages than it received: %s**%n%n"
                        .formatted(
                                peer.name(), series(of, Run::deletedPerReceived).show("%.3f")));
            }
        });
        return warnings.toString();
    }

    private static String busyMachine(Map<Peer, List<Run>> runs) {
        boolean disturbed = runs.values().stream().flatMap(List::stream).anyMatch(run -> run.otherCores > MAX_OTHERS);
        return disturbed
                ? "**Other processes used up to %.2f cores meanwhile: do not quote these figures.**%n%n"
                        .formatted(runs.values().stream()
                                .flatMap(List::stream)
                                .mapToDouble(Run::otherCores)
                                .max()
                                .orElse(0))
                : "";
    }

    private static Series series(List<Run> runs, ToDoubleFunction<Run> figure) {
        return new Series(runs.stream().mapToDouble(figure).boxed().toList());
    }

    /** Everything that counts up, at one moment. {@code messages} are deleted ones: only then is the work done. */
    private record Sample(
            long nanos,
            long messages,
            long received,
            long posts,
            ProcessUsage peer,
            ProcessUsage sqs,
            ProcessUsage function,
            double machineCpuSeconds) {
        static Sample take(Stage stage, ChildProcess consumer) throws IOException {
            Map<String, Long> sqs = stage.sqs().stats();
            return new Sample(
                    System.nanoTime(),
                    sqs.getOrDefault("deletedMessages", 0L),
                    sqs.getOrDefault("messages", 0L),
                    stage.function().stats().getOrDefault("requests", 0L),
                    consumer.usage(),
                    stage.sqs().process().usage(),
                    stage.function().process().usage(),
                    ProcessUsage.machineCpuSeconds());
        }
    }

    /** One window's figures. */
    private record Run(
            double messagesPerSecond,
            double cpuPer100k,
            double residentMib,
            double messagesPerPost,
            double deletedPerReceived,
            double peerCores,
            double sqsCores,
            double functionCores,
            double otherCores) {
        static Run between(Sample before, Sample after) {
            double seconds = Duration.ofNanos(after.nanos - before.nanos).toNanos() / 1e9;
            double messages = after.messages - before.messages;
            double peer = after.peer.cpuSeconds() - before.peer.cpuSeconds();
            double sqs = after.sqs.cpuSeconds() - before.sqs.cpuSeconds();
            double function = after.function.cpuSeconds() - before.function.cpuSeconds();
            double machine = after.machineCpuSeconds - before.machineCpuSeconds;
            return new Run(
                    messages / seconds,
                    peer / messages * 100_000,
                    after.peer.residentMib(),
                    messages / Math.max(1, after.posts - before.posts),
                    messages / Math.max(1, after.received - before.received),
                    peer / seconds,
                    sqs / seconds,
                    function / seconds,
                    (machine - peer - sqs - function) / seconds);
        }

        @Override
        public String toString() {
            return "%.0f messages/s, %.2f CPU s per 100k, %.0f MiB, cores %.2f + %.2f + %.2f, others %.2f"
                    .formatted(
                            messagesPerSecond, cpuPer100k, residentMib, peerCores, sqsCores, functionCores, otherCores);
        }
    }
}
