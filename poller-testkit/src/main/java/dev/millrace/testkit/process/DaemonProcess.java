package dev.millrace.testkit.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testkit.Eventually;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The daemon in a process of its own, started as its distribution starts it: all jars of a folder, {@code Main}, a command.
 * Runs on the JDK of this JVM with a small heap and the fast-starting compiler and collector. Ends with this JVM. Thread-safe.
 */
public final class DaemonProcess implements AutoCloseable {

    private static final String MAIN = "dev.millrace.daemon.Main";
    private static final Pattern API = Pattern.compile("running .*api=\"(http://[^\"]+)\"");
    private static final int ANSWER_MILLIS = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final ProcessOutput output;
    private final Thread endWithThisJvm;

    private DaemonProcess(Process process) {
        this.process = process;
        this.output = new ProcessOutput(process.getInputStream(), String.valueOf(process.pid()));
        this.endWithThisJvm = new Thread(process::destroyForcibly, "kill/" + process.pid());
        Runtime.getRuntime().addShutdownHook(endWithThisJvm);
    }

    /** An answer of the daemon's own HTTP server. */
    public record Answer(int status, String body) {}

    /**
     * Starts {@code millrace run} and returns at once.
     *
     * @param distribution folder with the daemon's jars
     * @param config to run; {@code Api.Port} may be 0
     * @param javaOptions more options for its JVM
     */
    public static DaemonProcess run(Path distribution, Path config, String... javaOptions) {
        return start(distribution, List.of(javaOptions), "run", config.toString());
    }

    /** Starts any command of the daemon and returns at once. Standard error goes where standard output goes. */
    public static DaemonProcess start(Path distribution, String... command) {
        return start(distribution, List.of(), command);
    }

    private static DaemonProcess start(Path distribution, List<String> javaOptions, String... command) {
        if (!distribution.toFile().isDirectory()) {
            throw new IllegalStateException(distribution.toAbsolutePath()
                    + " is missing; run these tests by `mvn verify`, which builds it first");
        }
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED");
        builder.command().addAll(javaOptions);
        builder.command().addAll(List.of("-cp", distribution + File.separator + "*", MAIN));
        builder.command().addAll(List.of(command));
        builder.redirectErrorStream(true);
        try {
            return new DaemonProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public ProcessOutput output() {
        return output;
    }

    public boolean alive() {
        return process.isAlive();
    }

    // ---- its HTTP server ----

    /** Where its HTTP server listens; waits until it does. */
    public URI api() {
        Eventually.until("the daemon to serve its API", () -> serving() || !process.isAlive());
        if (!serving()) {
            throw new AssertionError("the daemon has ended; output:\n" + output);
        }
        Matcher found =
                API.matcher(output.find(line -> API.matcher(line).find()).orElseThrow());
        if (!found.find()) {
            throw new AssertionError("found before, and lines do not change");
        }
        return URI.create(found.group(1));
    }

    /** Whether it has told where it serves, which it does when it starts to poll. */
    public boolean serving() {
        return output.find(line -> API.matcher(line).find()).isPresent();
    }

    /** Waits until every mapping is doing its work. */
    public DaemonProcess awaitReady() {
        URI api = api();
        Eventually.holds("the daemon at " + api + " to be ready", () -> {
            Answer answer = get("/health/ready");
            if (answer.status() != 200) {
                throw new AssertionError(answer + ", output:\n" + output);
            }
        });
        return this;
    }

    /** Asks its HTTP server. */
    public Answer get(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) api().resolve(path).toURL().openConnection();
        connection.setConnectTimeout(ANSWER_MILLIS);
        connection.setReadTimeout(ANSWER_MILLIS);
        try {
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return new Answer(status, body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** What {@code /status} says. */
    public JsonNode status() throws IOException {
        return JSON.readTree(get("/status").body());
    }

    /** What {@code /metrics} says: value by name with labels, as written there. */
    public Map<String, Double> metrics() throws IOException {
        Map<String, Double> values = new TreeMap<>();
        for (String line : get("/metrics").body().lines().toList()) {
            int end = line.lastIndexOf(' ');
            if (!line.startsWith("#") && end > 0) {
                values.put(line.substring(0, end), number(line.substring(end + 1)));
            }
        }
        return values;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** The value of a metric, added up over all series whose labels hold this text. */
    public double metric(String name, String labels) throws IOException {
        return metrics().entrySet().stream()
                .filter(series -> series.getKey().equals(name)
                        || (series.getKey().startsWith(name + "{")
                                && series.getKey().contains(labels)))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    // ---- its end ----

    /** Kills it as {@code kill -9} does. Returns at once. */
    public void kill() {
        signal(ProcessHandle::destroyForcibly);
    }

    /** Sends SIGTERM. Returns at once. */
    public void terminate() {
        signal(ProcessHandle::destroy);
    }

    private void signal(Predicate<ProcessHandle> how) {
        // Not through Process, which closes the output as well: what the daemon says of its end would be lost.
        if (!how.test(process.toHandle()) && process.isAlive()) {
            throw new IllegalStateException("cannot signal process " + process.pid());
        }
    }

    /** Waits until it has ended and answers its exit code. */
    public int awaitExit() throws InterruptedException {
        return awaitExit(Eventually.PATIENCE);
    }

    /** As {@link #awaitExit()}, at most this long. */
    public int awaitExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError("the daemon does not end; output:\n" + output);
        }
        return process.exitValue();
    }

    /** Kills it if it runs still, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            awaitExit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(endWithThisJvm);
        } catch (IllegalStateException e) {
            // This JVM is ending, so the hook runs.
        }
    }
}
