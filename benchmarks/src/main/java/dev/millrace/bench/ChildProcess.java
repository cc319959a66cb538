package dev.millrace.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that ends with this one at the latest. Its output goes to a log file. */
public final class ChildProcess implements AutoCloseable {
    private static final int STOP_SECONDS = 20;

    /** Credentials for whoever looks there, and no search for an instance's own. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "AWS_ACCESS_KEY_ID", "bench",
            "AWS_SECRET_ACCESS_KEY", "bench",
            "AWS_REGION", "us-east-1",
            "AWS_EC2_METADATA_DISABLED", "true");

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread stopAtExit;

    private ChildProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        stopAtExit = new Thread(process::destroyForcibly, "stop-" + name);
        Runtime.getRuntime().addShutdownHook(stopAtExit);
    }

    /** Starts a process that prints nothing of interest. */
    public static ChildProcess start(String name, List<String> command, Path log) throws IOException {
        return new ChildProcess(
                name,
                builder(command, log)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start(),
                log);
    }

    private static ProcessBuilder builder(List<String> command, Path log) throws IOException {
        Files.createDirectories(log.toAbsolutePath().getParent());
        Files.deleteIfExists(log);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(ENVIRONMENT);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** @throws BenchmarkFailed when the process has ended by itself */
    public ProcessUsage usage() throws IOException {
        if (!process.isAlive()) {
            throw failed("ended with code " + process.exitValue());
        }
        return ProcessUsage.of(process.pid());
    }

    public BenchmarkFailed failed(String what) {
        return new BenchmarkFailed(name + " " + what + "; see " + log + ":\n" + lastLines());
    }

    private String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** Asks the process to end and kills it when it does not; an interrupted caller kills it at once. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println(name + " did not stop within " + STOP_SECONDS + " s: killed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(stopAtExit);
    }

    /** A canned server: its first line of output says {@code READY port}. */
    public static CannedServer startServer(String name, List<String> command, Path log) throws IOException {
        Process process = builder(command, log).start();
        ChildProcess child = new ChildProcess(name, process, log);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (line == null || !line.startsWith("READY ")) {
            throw child.failed("did not become ready but said " + line);
        }
        return new CannedServer(child, Integer.parseInt(line.substring("READY ".length())));
    }
}
