package dev.millrace.quickstart;

import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.LogSetup;
import dev.millrace.daemon.run.Daemon;
import dev.millrace.daemon.run.Signals;
import dev.millrace.daemon.run.StartException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace quickstart}: everything in one process tree, with nothing to set up. */
@Command(
        name = "millrace quickstart",
        mixinStandardHelpOptions = true,
        header = "Run the daemon on an emulated SQS, Kinesis and DynamoDB with a sample function.",
        description = {
            "",
            "Starts ElasticMQ in this process, with a standard and a FIFO queue and a dead-letter queue for each, and,"
                + " where Node.js 20 or newer is there, kinesis-local with a stream of two shards, and DynamoDB Local"
                + " in a process of its own with a table and its stream. Starts a sample function through the Process"
                + " invoker, sends messages and records of which some fail, changes the table, and shows what becomes"
                + " of them all. Runs until Ctrl-C, or with --once until everything is accounted for.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every message was processed or is in a dead-letter queue, every record was processed, in order, or"
                    + " discarded to its on-failure destination, and every change was processed, in order",
            "1:not all of them were accounted for in time, or something could not start"
        })
public final class Quickstart implements Callable<Integer> {

    private static final Duration TICK = Duration.ofSeconds(1);
    /** A run with --once that takes this long is stuck. */
    private static final Duration LONGEST = Duration.ofMinutes(5);
    /** Ids of lost messages that are named. */
    private static final int MOST_NAMED = 10;

    @Option(names = "--once", description = "End when all messages, records and changes are accounted for.")
    private boolean once;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "500",
            description = "Messages to send, 1 to 100000, as many records, up to 2000, and as many changes, up to 10000"
                    + " (default: ${DEFAULT-VALUE}).")
    private int messages;

    private final PrintStream out = System.out;

    private Quickstart() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Quickstart()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException, StartException {
        if (messages < 1 || messages > 100_000) {
            System.err.println("--messages " + messages + " is not from 1 to 100000");
            return CommandLine.ExitCode.USAGE;
        }
        Path folder = Files.createTempDirectory("millrace-quickstart");
        LogSetup.apply(QuickstartConfig.QUIET);
        Signals signals = new Signals();
        List<Source> sources = new ArrayList<>();
        try {
            Ledger ledger = new Ledger(folder.resolve("processed.txt"));
            open(sources, folder, ledger);
            return run(folder, ledger, sources, signals);
        } finally {
            sources.reversed().forEach(Source::close);
            QuickstartConfig.delete(folder);
        }
    }

    private void open(List<Source> sources, Path folder, Ledger ledger) throws InterruptedException {
        // A JVM takes longest: it starts while the others do.
        DynamoDbLocal.@Nullable Starting dynamoDb = begin(folder);
        out.println("Millrace quickstart. Starting ElasticMQ, an SQS-compatible server, in this process ...");
        sources.add(new Orders(new Emulator(), ledger, messages));
        try {
            KinesisLocal server = KinesisLocal.start(folder.resolve("kinesis-local.log"));
            out.println("Started kinesis-local, a Kinesis-compatible server, on Node.js.");
            sources.add(new Clicks(ClickStream.create(server), ledger, folder.resolve("discarded.jsonl"), messages));
        } catch (NotHereException e) {
            out.println("NOTICE: no Kinesis stream: " + e.getMessage() + ".");
        }
        if (dynamoDb != null) {
            open(dynamoDb, sources, ledger);
        }
    }

    private DynamoDbLocal.@Nullable Starting begin(Path folder) {
        try {
            return DynamoDbLocal.begin(folder.resolve("dynamodb-local.log"));
        } catch (NotHereException e) {
            notice(e);
            return null;
        }
    }

    private void open(DynamoDbLocal.Starting starting, List<Source> sources, Ledger ledger) {
        try {
            DynamoDbLocal server = starting.await();
            out.println("Started DynamoDB Local in a process of its own.");
            sources.add(new Carts(CartTable.create(server), ledger, messages));
        } catch (NotHereException e) {
            notice(e);
        }
    }

    private void notice(NotHereException reason) {
        out.println("NOTICE: no DynamoDB table: " + reason.getMessage() + ".");
    }

    private int run(Path folder, Ledger ledger, List<Source> sources, Signals signals)
            throws IOException, InterruptedException, StartException {
        Path file = QuickstartConfig.write(folder, ledger, sources);
        out.println("The daemon's configuration, in " + file + ":\n");
        Files.readString(file).lines().forEach(line -> out.println("    " + line));
        Plugins plugins = Plugins.installed();
        LoadedConfig loaded = ConfigLoader.standard(plugins, Instant.now()).load(file);
        if (!(loaded instanceof LoadedConfig.Valid valid)) {
            throw new IllegalStateException("the quickstart's own configuration is not valid: " + loaded);
        }
        Daemon daemon = Daemon.start(valid.config(), plugins);
        try {
            String api = "http://127.0.0.1:" + daemon.address().getPort();
            out.println("\nRunning. See " + api + "/status, " + api + "/metrics and " + api + "/health/ready.");
            sources.forEach(source -> out.println("Sending " + source.announcement()));
            out.println();
            sources.forEach(Source::send);
            return watch(sources, signals);
        } finally {
            daemon.stop();
        }
    }

    private int watch(List<Source> sources, Signals signals) throws IOException, InterruptedException {
        Instant started = Instant.now();
        boolean told = false;
        while (true) {
            List<Source.Balance> balances = balances(sources);
            boolean complete = balances.stream().allMatch(Source.Balance::complete);
            Duration elapsed = Duration.between(started, Instant.now());
            if (!told || !complete) {
                String progress = balances.stream().map(Quickstart::progress).collect(Collectors.joining("   "));
                out.printf("%4d s   %s%n", elapsed.toSeconds(), progress);
            }
            boolean gaveUp = once && elapsed.compareTo(LONGEST) > 0;
            if (signals.received() || gaveUp || (complete && once)) {
                return summary(balances, complete);
            }
            if (complete && !told) {
                out.println("\nEverything is accounted for. The daemon keeps polling; Ctrl-C ends it.");
                told = true;
            }
            if (signals.await(TICK)) {
                out.println();
            }
        }
    }

    private static String progress(Source.Balance balance) {
        return String.format(
                Locale.ROOT, "%s: %5d done %5d waiting", balance.subject(), balance.done(), balance.waiting());
    }

    private static List<Source.Balance> balances(List<Source> sources) throws IOException {
        List<Source.Balance> balances = new ArrayList<>();
        for (Source source : sources) {
            balances.add(source.balance());
        }
        return balances;
    }

    private int summary(List<Source.Balance> balances, boolean complete) {
        out.println("\nSummary");
        for (Source.Balance balance : balances) {
            balance.summary().forEach(line -> out.println("  " + line));
            if (balance.missing().isEmpty()) {
                out.println("    lost                               0");
            } else {
                out.println("    not accounted for yet              "
                        + balance.missing().size() + "   "
                        + balance.missing().stream().limit(MOST_NAMED).toList());
            }
        }
        out.println(complete ? "Everything is accounted for." : "Not everything is accounted for.");
        return complete ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
