package dev.millrace.bench.sqs;

import dev.millrace.bench.Daemon;
import dev.millrace.bench.HarnessOptions;
import dev.millrace.bench.Report;
import dev.millrace.bench.Results;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Throughput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures SQS consumers against canned servers and writes {@code bench-sqs.md}. */
@Command(
        name = "bench-sqs",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Measures SQS consumers against canned servers.")
public final class BenchSqs implements Callable<Integer> {

    /** What can be measured. */
    enum Suite {
        throughput,
        latency,
        footprint
    }

    @Parameters(arity = "1..*", description = "What to measure: ${COMPLETION-CANDIDATES}.")
    private List<Suite> suites = List.of();

    @Mixin
    private HarnessOptions harness = new HarnessOptions();

    @Option(
            names = "--warmup-messages",
            defaultValue = "250000",
            description = "Messages to process before the throughput window, within four times --warmup.")
    private long warmupMessages;

    @Option(names = "--starts", defaultValue = "5", description = "Repeats in footprint.")
    private int starts;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "raw,millrace,spring,sqs-consumer",
            description = "raw, millrace, spring:netty, spring:crt (spring is both), sqs-consumer.")
    private List<String> peers = List.of();

    @Option(
            names = "--clients",
            split = ",",
            defaultValue = "apache5",
            description = "The raw loop's HTTP clients for the AWS SDK: apache5, crt, url.")
    private List<String> clients = List.of();

    @Option(names = "--concurrency", defaultValue = "16", description = "Batches at a time.")
    private int concurrency;

    @Option(names = "--rate", defaultValue = "100", description = "Messages per second in latency.")
    private int rate;

    @Option(names = "--mappings", defaultValue = "200", description = "Idle queue mappings in footprint.")
    private int mappings;

    @Option(
            names = "--footprint-jvm",
            split = ",",
            description = "JVM options of the daemon in footprint, instead of none.")
    private List<String> footprintJvmOptions = List.of();

    /** See {@link HarnessOptions#execute}. */
    public static void main(String[] args) {
        HarnessOptions.execute(new BenchSqs(), args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Daemon daemon = harness.daemon();
        Settings settings = harness.settings(warmupMessages);
        Report report = new Report("SQS benchmark", harness.file("bench-sqs.md"));
        Set<Suite> wanted = EnumSet.copyOf(suites);
        List<Peer> present = presentPeers(daemon, report);
        if (wanted.contains(Suite.throughput) && !present.isEmpty()) {
            report.add(throughput(settings, present));
        }
        if (wanted.contains(Suite.latency) && !present.isEmpty()) {
            report.add(new Latency(settings, present, concurrency, rate).run());
        }
        if (wanted.contains(Suite.footprint)) {
            Optional<String> missing = daemon.unavailable();
            if (missing.isPresent()) {
                report.skipped("footprint", missing.get());
            } else {
                report.add(new Footprint(settings.with(starts, footprintJvmOptions), daemon, mappings).run());
            }
        }
        report.print();
        return 0;
    }

    private List<Peer> presentPeers(Daemon daemon, Report report) throws IOException {
        List<Peer> present = new ArrayList<>();
        for (Peer peer : chosenPeers(daemon)) {
            Optional<String> missing = peer.unavailable();
            if (missing.isPresent()) {
                report.skipped(peer.name(), missing.get());
            } else {
                present.add(peer);
            }
        }
        return present;
    }

    private List<Peer> chosenPeers(Daemon daemon) {
        return peers.stream()
                .flatMap(name -> switch (name) {
                    case "raw" -> clients.stream().map(client -> "raw:" + client);
                    case "spring" -> List.of("spring:netty", "spring:crt").stream();
                    default -> List.of(name).stream();
                })
                .map(name -> Peer.named(name, daemon))
                .sorted(Comparator.comparing(peer -> !peer.name().startsWith("raw:")))
                .toList();
    }

    private String throughput(Settings settings, List<Peer> present) throws IOException, InterruptedException {
        Results results = new Throughput(settings, new LoadedPeer.Deletions())
                .measure(present.stream()
                        .map(peer -> new LoadedPeer(peer, settings, concurrency))
                        .toList());
        String caption = "Endless queue, 10 messages of 100 B per receive, %d batches at a time; %s."
                .formatted(concurrency, settings);
        return "## Throughput\n\n" + caption + "\n\n" + results.table() + "\n"
                + results.ratios(name -> name.startsWith("raw:") || name.startsWith("spring:"))
                + results.warnings();
    }
}
