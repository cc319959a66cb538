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
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace quickstart}: everything in one process tree, with nothing to set up. */
@Command(
        name = "millrace quickstart",
        mixinStandardHelpOptions = true,
        header = "Run the daemon on an embedded SQS emulator with a sample function.",
        description = {
            "",
            "Starts ElasticMQ in this process, creates a standard and a FIFO queue with a dead-letter queue each,"
                + " starts a sample function through the Process invoker, sends messages of which some fail, and shows"
                + " what becomes of them. Runs until Ctrl-C, or with --once until every message is accounted for.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every message was processed or is in a dead-letter queue",
            "1:messages were not accounted for in time, or something could not start"
        })
public final class Quickstart implements Callable<Integer> {

    private static final Duration TICK = Duration.ofSeconds(1);
    /** A run with --once that takes this long is stuck. */
    private static final Duration LONGEST = Duration.ofMinutes(5);
    /** Every fifth message goes to the FIFO queue. */
    private static final int FIFO_EVERY = 5;

    private static final int ENTRIES = 10;

    @Option(names = "--once", description = "End when all messages are accounted for.")
    private boolean once;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "500",
            description = "Messages to send, 1 to 100000 (default: ${DEFAULT-VALUE}).")
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
        out.println("Millrace quickstart. Starting ElasticMQ, an SQS-compatible server, in this process ...");
        LogSetup.apply(QuickstartConfig.QUIET);
        Signals signals = new Signals();
        try (Emulator emulator = new Emulator()) {
            return run(folder, emulator, signals);
        } finally {
            QuickstartConfig.delete(folder);
        }
    }

    private int run(Path folder, Emulator emulator, Signals signals)
            throws IOException, InterruptedException, StartException {
        Path ledger = folder.resolve("processed.txt");
        Path file = QuickstartConfig.write(folder, emulator.endpoint(), ledger);
        out.println("SQS is at " + emulator.endpoint() + ". The daemon's configuration, in " + file + ":\n");
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
            out.println("Sending " + messages + " messages: every 10th fails once, every 25th always and ends in its"
                    + " dead-letter queue after 3 receives.\n");
            Accounting accounting = new Accounting(emulator, ledger);
            send(emulator, accounting);
            return watch(accounting, signals);
        } finally {
            daemon.stop();
        }
    }

    private void send(Emulator emulator, Accounting accounting) {
        List<Order> standard = new ArrayList<>();
        List<Order> fifo = new ArrayList<>();
        for (int n = 0; n < messages; n++) {
            Order order = Order.number(n);
            accounting.sent(order);
            (n % FIFO_EVERY == 0 ? fifo : standard).add(order);
        }
        send(emulator, Emulator.ORDERS, standard);
        send(emulator, Emulator.PAYMENTS, fifo);
    }

    private static void send(Emulator emulator, String queue, List<Order> orders) {
        for (int from = 0; from < orders.size(); from += ENTRIES) {
            emulator.send(queue, orders.subList(from, Math.min(from + ENTRIES, orders.size())));
        }
    }

    private int watch(Accounting accounting, Signals signals) throws IOException, InterruptedException {
        Instant started = Instant.now();
        boolean told = false;
        while (true) {
            Accounting.Balance balance = accounting.balance();
            Duration elapsed = Duration.between(started, Instant.now());
            if (!told || !balance.complete()) {
                out.printf("%4d s   %s%n", elapsed.toSeconds(), balance);
            }
            boolean gaveUp = once && elapsed.compareTo(LONGEST) > 0;
            if (signals.received() || gaveUp || (balance.complete() && once)) {
                return summary(accounting, balance);
            }
            if (balance.complete() && !told) {
                out.println("\nAll messages are accounted for. The daemon keeps polling; Ctrl-C ends it.");
                told = true;
            }
            if (signals.await(TICK)) {
                out.println();
            }
        }
    }

    private int summary(Accounting accounting, Accounting.Balance balance) throws IOException {
        out.println("\nSummary");
        out.println("  messages sent                      " + balance.sent());
        out.println("  processed by the sample function   " + balance.processed());
        out.println("  in a dead-letter queue             " + balance.deadLettered() + "   (failed 3 times)");
        out.println("  processed more than once           " + (balance.deliveries() - balance.processed())
                + "   (delivery is at least once)");
        if (balance.complete()) {
            out.println("  lost                               0\nEvery message is accounted for.");
            return CommandLine.ExitCode.OK;
        }
        out.println(
                "  not accounted for yet              " + accounting.missing().size() + "   "
                        + accounting.missing().stream().limit(ENTRIES).toList());
        return CommandLine.ExitCode.SOFTWARE;
    }
}
