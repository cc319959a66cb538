package dev.millrace.bench.kinesis;

import dev.millrace.bench.HarnessOptions;
import dev.millrace.bench.Report;
import dev.millrace.bench.Results;
import dev.millrace.bench.Run;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Throughput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures Kinesis consumers against canned servers and writes {@code bench-kinesis.md}. */
@Command(
        name = "bench-kinesis",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Measures Kinesis consumers against canned servers.")
public final class BenchKinesis implements Callable<Integer> {

    /** What can be measured; the last three only of the daemon. */
    enum Suite {
        throughput,
        lanes,
        shards,
        idle
    }

    /** One lane's rate, times this, is aimed at with ten. */
    private static final int LANES = 10;

    private static final double LANES_WORTH = 9;
    private static final int FEW_SHARDS = 50;

    /** Bytes. The Kinesis Client Library holds several reads of each shard, and runs out of its 512 MB with larger ones. */
    private static final int LARGEST_READ = 2_000_000;

    @Parameters(arity = "1..*", description = "What to measure: ${COMPLETION-CANDIDATES}.")
    private List<Suite> suites = List.of();

    @Mixin
    private HarnessOptions harness = new HarnessOptions();

    @Option(
            names = "--warmup-records",
            defaultValue = "2000000",
            description = "Records to process before a window of throughput and shards, within four times --warmup.")
    private long warmupRecords;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "raw:apache5,millrace,kcl:netty",
            description = "In throughput: raw:apache5, raw:crt, raw:url, millrace, kcl:netty, kcl:crt.")
    private List<String> peers = List.of();

    @Option(names = "--batches", split = ",", defaultValue = "100,1000", description = "Records per POST.")
    private List<Integer> batches = List.of();

    @Option(names = "--record-bytes", split = ",", defaultValue = "100,1000", description = "Data per record.")
    private List<Integer> recordBytes = List.of();

    @Option(names = "--stream-shards", defaultValue = "16", description = "Shards of the stream in throughput.")
    private int streamShards;

    @Option(
            names = "--read",
            defaultValue = "8000",
            description = "Records per GetRecords at most; in throughput also 2 MB at most.")
    private int recordsPerRead;

    @Option(names = "--function-millis", defaultValue = "20", description = "How long the function takes in lanes.")
    private int functionMillis;

    @Option(names = "--lane-batch", defaultValue = "10", description = "Records per POST in lanes.")
    private int laneBatch;

    @Option(
            names = "--shard-counts",
            split = ",",
            defaultValue = "1,10,100,500",
            description = "Shards of the stream in shards.")
    private List<Integer> shardCounts = List.of();

    @Option(names = "--shard-read", defaultValue = "10000", description = "The same as --read, in shards and lanes.")
    private int recordsPerShardRead;

    @Option(names = "--idle-shards", defaultValue = "5000", description = "Shards without records in idle.")
    private int idleShards;

    /** See {@link HarnessOptions#execute}. */
    public static void main(String[] args) {
        HarnessOptions.execute(new BenchKinesis(), args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings settings = harness.settings(warmupRecords);
        Report report = new Report("Kinesis benchmark", harness.file("bench-kinesis.md"));
        Verdicts verdicts = new Verdicts();
        Set<Suite> wanted = EnumSet.copyOf(suites);
        if (wanted.contains(Suite.throughput)) {
            throughput(settings, report, verdicts);
        }
        wanted.remove(Suite.throughput);
        StreamPeer daemon = new StreamPeer.Millrace(harness.daemon());
        Optional<String> missing = daemon.unavailable();
        for (Suite suite : wanted) {
            if (missing.isPresent()) {
                report.skipped(suite.name(), missing.get());
            } else {
                report.add(measure(suite, settings, daemon, verdicts));
            }
        }
        report.add(verdicts.toString());
        report.print();
        return 0;
    }

    private void throughput(Settings settings, Report report, Verdicts verdicts)
            throws IOException, InterruptedException {
        List<StreamPeer> present = new ArrayList<>();
        for (String name : peers) {
            StreamPeer peer = StreamPeer.named(name, harness.daemon());
            Optional<String> missing = peer.unavailable();
            if (missing.isPresent()) {
                report.skipped(name, missing.get());
            } else {
                present.add(peer);
            }
        }
        for (int batch : batches) {
            for (int bytes : recordBytes) {
                int records = Math.min(recordsPerRead, Math.max(1, LARGEST_READ / bytes));
                Load load = new Load(streamShards, bytes, records, batch, 1, 0);
                report.add(throughput(settings, present, load, verdicts));
            }
        }
    }

    private static String throughput(Settings settings, List<StreamPeer> present, Load load, Verdicts verdicts)
            throws IOException, InterruptedException {
        Results results = new Throughput(settings, new LoadedStream.Arrivals())
                .measure(present.stream()
                        .map(peer -> new LoadedStream(peer.name(), peer, load, settings))
                        .toList());
        String what = "batches of %d, records of %d B".formatted(load.batch(), load.recordBytes());
        judge(results, "raw:", "at most 1.3 times the raw loop's CPU per record, " + what, 1.3, verdicts);
        judge(results, "kcl:", "at most half of the Kinesis Client Library's CPU per record, " + what, 0.5, verdicts);
        String caption =
                "%d shards, at most %d records per read; %s.".formatted(load.shards(), load.recordsPerRead(), settings);
        return "## Throughput: " + what + "\n\n" + caption + "\n\n" + results.table() + "\n"
                + results.ratios(name -> !name.equals("millrace")) + results.warnings();
    }

    private static void judge(Results results, String reference, String aim, double limit, Verdicts verdicts) {
        results.names().stream()
                .filter(name -> name.startsWith(reference) && results.names().contains("millrace"))
                .findFirst()
                .ifPresent(name -> verdicts.atMost(aim, limit, results.cpuRatio("millrace", name), "%.2f"));
    }

    private String measure(Suite suite, Settings settings, StreamPeer daemon, Verdicts verdicts)
            throws IOException, InterruptedException {
        return switch (suite) {
            case throughput -> throw new IllegalArgumentException("has more peers than the daemon");
            case lanes -> lanes(settings.withoutWarmupWork(), daemon, verdicts);
            case shards -> shards(settings, daemon, verdicts);
            case idle -> new Idle(settings, daemon).run(FEW_SHARDS, idleShards, verdicts);
        };
    }

    private String lanes(Settings settings, StreamPeer daemon, Verdicts verdicts)
            throws IOException, InterruptedException {
        Load one = new Load(1, 100, recordsPerShardRead, laneBatch, 1, functionMillis);
        LoadedStream single = new LoadedStream("millrace-1-lane", daemon, one, settings);
        LoadedStream many =
                new LoadedStream("millrace-%d-lanes".formatted(LANES), daemon, one.withLanes(LANES), settings);
        Results results = new Throughput(settings, new LoadedStream.Arrivals()).measure(List.of(single, many));
        double worth = results.series(many.name(), Run::perSecond).median()
                / results.series(single.name(), Run::perSecond).median();
        verdicts.atLeast(
                "%d lanes at least %.0f times one lane's rate, function of %d ms"
                        .formatted(LANES, LANES_WORTH, functionMillis),
                LANES_WORTH,
                worth,
                "%.2f");
        return "## Lanes\n\nOne shard, batches of %d, a function that takes %d ms; %s.%n%n%s%n%s"
                .formatted(laneBatch, functionMillis, settings, results.table(), results.warnings());
    }

    private String shards(Settings settings, StreamPeer daemon, Verdicts verdicts)
            throws IOException, InterruptedException {
        List<LoadedStream> contestants = shardCounts.stream()
                .map(count -> new LoadedStream(
                        "millrace-%d-shards".formatted(count),
                        daemon,
                        new Load(count, 100, recordsPerShardRead, 100, 1, 0),
                        settings))
                .toList();
        Results results = new Throughput(settings, new LoadedStream.Arrivals()).measure(contestants);
        List<Double> costs = results.names().stream()
                .map(name -> results.series(name, Run::cpuPer100k).median())
                .toList();
        double largest = costs.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        double smallest = costs.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        verdicts.atMost(
                "cost per record flat within 10 % from {first} to {last} shards"
                        .replace("{first}", Integer.toString(shardCounts.getFirst()))
                        .replace("{last}", Integer.toString(shardCounts.getLast())),
                1.1,
                largest / smallest,
                "largest to smallest %.2f");
        return "## Shards\n\nBatches of 100, records of 100 B, at most %d records per read; %s.%n%n%s%n%s"
                .formatted(recordsPerShardRead, settings, results.table(), results.warnings());
    }
}
