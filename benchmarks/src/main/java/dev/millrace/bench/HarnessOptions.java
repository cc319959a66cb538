package dev.millrace.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The command line options that all benchmarks have. */
public final class HarnessOptions {
    @Option(names = "--warmup", defaultValue = "15", description = "Seconds from a peer's start to the window.")
    private int warmupSeconds;

    @Option(names = "--window", defaultValue = "30", description = "Seconds to measure.")
    private int windowSeconds;

    @Option(names = "--repeats", defaultValue = "3", description = "Turns of each peer.")
    private int repeats;

    @Option(names = "--jvm", split = ",", defaultValue = "-Xmx512m", description = "JVM options of all Java peers.")
    private List<String> jvmOptions = List.of();

    @Option(
            names = "--daemon",
            defaultValue = "../poller-daemon/target/dist",
            description = "The daemon's distribution.")
    private Path distribution = Path.of("");

    @Option(names = "--daemon-main", defaultValue = "dev.millrace.daemon.Main", description = "Its main class.")
    private String daemonMain = "";

    @Option(names = "--directory", defaultValue = "target", description = "For reports and logs.")
    private Path directory = Path.of("");

    /**
     * Runs a benchmark from its {@code main}: exits with 0 when everything asked for was measured or skipped with a notice,
     * with 1 when a run failed.
     */
    @SuppressWarnings("SystemExitOutsideMain") // Called by main and nobody else.
    public static void execute(Callable<Integer> benchmark, String[] args) {
        System.exit(new CommandLine(benchmark)
                .setExecutionExceptionHandler((error, command, parsed) -> {
                    if (!(error instanceof BenchmarkFailed)) {
                        throw error;
                    }
                    command.getErr().println("\nFAILED: " + error.getMessage());
                    return 1;
                })
                .execute(args));
    }

    /** @param warmupWork messages or records before a throughput window */
    public Settings settings(long warmupWork) {
        return new Settings(
                Duration.ofSeconds(warmupSeconds),
                warmupWork,
                Duration.ofSeconds(windowSeconds),
                repeats,
                jvmOptions,
                directory);
    }

    public Daemon daemon() {
        return new Daemon(distribution, daemonMain);
    }

    public Path file(String name) {
        return directory.resolve(name);
    }
}
