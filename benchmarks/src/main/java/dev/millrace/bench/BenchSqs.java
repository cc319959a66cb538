package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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

    @Option(names = "--warmup", defaultValue = "15", description = "Seconds from a peer's start to the window.")
    private int warmupSeconds;

    @Option(
            names = "--warmup-messages",
            defaultValue = "250000",
            description = "Messages to process before the throughput window, within four times --warmup.")
    private long warmupMessages;

    @Option(names = "--window", defaultValue = "30", description = "Seconds to measure.")
    private int windowSeconds;

    @Option(names = "--repeats", defaultValue = "3", description = "Turns of each peer in throughput and latency.")
    private int repeats;

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

    @Option(names = "--jvm", split = ",", defaultValue = "-Xmx512m", description = "JVM options of all Java peers.")
    private List<String> jvmOptions = List.of();

    @Option(
            names = "--footprint-jvm",
            split = ",",
            description = "JVM options of the daemon in footprint, instead of none.")
    private List<String> footprintJvmOptions = List.of();

    @Option(
            names = "--daemon",
            defaultValue = "../poller-daemon/target/dist",
            description = "The daemon's distribution.")
    private Path distribution = Path.of("");

    @Option(names = "--daemon-main", defaultValue = "dev.millrace.daemon.Main", description = "Its main class.")
    private String daemonMain = "";

    @Option(names = "--directory", defaultValue = "target", description = "For reports and logs.")
    private Path directory = Path.of("");

    /** Exits with 0 when everything asked for was measured or skipped with a notice, with 1 when a run failed. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchSqs())
                .setExecutionExceptionHandler((error, command, parsed) -> {
                    if (!(error instanceof BenchmarkFailed)) {
                        throw error;
                    }
                    command.getErr().println("\nFAILED: " + error.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Daemon daemon = new Daemon(distribution, daemonMain);
        StringBuilder report = new StringBuilder("# SQS benchmark\n\n" + MachineFacts.describe() + "\n");
        Set<Suite> wanted = EnumSet.copyOf(suites);
        List<Peer> present = new ArrayList<>();
        for (Peer peer : chosenPeers(daemon)) {
            Optional<String> missing = peer.unavailable();
            missing.ifPresentOrElse(why -> report.append(skipped(peer.name(), why)), () -> present.add(peer));
        }
        if (wanted.contains(Suite.throughput) && !present.isEmpty()) {
            write(report.append(new Throughput(settings(repeats, jvmOptions), present).run()));
        }
        if (wanted.contains(Suite.latency) && !present.isEmpty()) {
            write(report.append(new Latency(settings(repeats, jvmOptions), present, rate).run()));
        }
        if (wanted.contains(Suite.footprint)) {
            report.append(
                    daemon.unavailable().isPresent()
                            ? skipped("footprint", daemon.unavailable().get())
                            : new Footprint(settings(starts, footprintJvmOptions), daemon, mappings).run());
        }
        write(report);
        System.out.println("\n" + report + "\nwritten to " + directory.resolve("bench-sqs.md"));
        return 0;
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

    private Settings settings(int turns, List<String> options) {
        return new Settings(
                Duration.ofSeconds(warmupSeconds),
                warmupMessages,
                Duration.ofSeconds(windowSeconds),
                turns,
                concurrency,
                options,
                directory);
    }

    private static String skipped(String what, String why) {
        String line = "**NOT MEASURED: " + what + " - " + why + ".**\n\n";
        System.err.println("\n*** " + line.trim() + " ***\n");
        return line;
    }

    private void write(StringBuilder report) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("bench-sqs.md"), report);
    }
}
