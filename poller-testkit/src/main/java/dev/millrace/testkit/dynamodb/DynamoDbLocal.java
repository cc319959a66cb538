package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.process.ProcessOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DynamoDB Local in a JVM of its own, on free ports of loopback, tables in memory. The module {@code emulators/dynamodb-local} is
 * the process; Maven builds it before this test kit. Starting takes one to two seconds, so share {@link #shared()}; it ends with
 * this JVM, however that ends. Its ARNs are of {@value #REGION} and account {@value #ACCOUNT}, whatever region the client names.
 *
 * <p>Differs from DynamoDB: DescribeStream ignores its shard filter, a shard iterator that is none gives a ValidationException,
 * creation times are floored to the minute, sequence numbers count from 1 over all tables, a TRIM_HORIZON or LATEST iterator of
 * a shard that is still empty answers TrimmedDataAccessException once there is a record, and shards roll over every 4 hours or on
 * {@link #rollOver()}.
 */
public final class DynamoDbLocal implements AutoCloseable {

    public static final String REGION = "ddblocal";
    public static final String ACCOUNT = "000000000000";

    private static final String MODULE = "emulators/dynamodb-local";
    /** How it is started in its folder. */
    private static final String ARGUMENTS = "@java.args";

    private static final Pattern READY = Pattern.compile("ready port=(\\d+) control=(\\d+)");
    private static final Duration ROLLS_OVER_WITHIN = Duration.ofSeconds(30);

    /** Those that this JVM has started and not closed. */
    private static final Map<URI, DynamoDbLocal> RUNNING = new ConcurrentHashMap<>();

    private final Process process;
    private final URI endpoint;
    private final URI control;

    private DynamoDbLocal(Process process, URI endpoint, URI control) {
        this.process = process;
        this.endpoint = endpoint;
        this.control = control;
    }

    /** Started when the first test asks, and running until this JVM ends. */
    private static final class Shared {
        private static final DynamoDbLocal SERVER = start();
    }

    /** The one that all tests of this JVM share. Not to be closed. */
    public static DynamoDbLocal shared() {
        return Shared.SERVER;
    }

    /**
     * Starts on free ports and waits until it answers.
     *
     * @throws IllegalStateException when it is not built, or ends instead of answering
     */
    public static DynamoDbLocal start() {
        Process process = launch(module());
        ProcessOutput complaints = new ProcessOutput(process.getErrorStream(), "dynamodb-local");
        ProcessOutput output = new ProcessOutput(process.getInputStream(), "dynamodb-local");
        Eventually.until(
                "DynamoDB Local to be ready",
                () -> !process.isAlive() || ready(output).isPresent());
        Matcher ports = ready(output)
                .orElseThrow(() -> new IllegalStateException("DynamoDB Local does not start:\n" + complaints));
        DynamoDbLocal started = new DynamoDbLocal(process, loopback(ports.group(1)), loopback(ports.group(2)));
        RUNNING.put(started.endpoint, started);
        return started;
    }

    /** The one that answers here; nothing when what answers here is something else. */
    static Optional<DynamoDbLocal> at(URI endpoint) {
        return Optional.ofNullable(RUNNING.get(endpoint));
    }

    private static Path module() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path found = folder.resolve(MODULE);
            if (Files.isDirectory(found.resolve("target/dist/lib"))) {
                return found;
            }
        }
        throw new IllegalStateException("DynamoDB Local is not built: there is no " + MODULE + "/target/dist/lib in "
                + Path.of("").toAbsolutePath() + " or above it. Run mvn -pl " + MODULE + " package");
    }

    private static Process launch(Path module) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try {
            // Its standard input is a pipe from this JVM, and it ends when that does.
            return new ProcessBuilder(java, ARGUMENTS)
                    .directory(module.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Matcher> ready(ProcessOutput output) {
        return output.lines().stream()
                .map(READY::matcher)
                .filter(Matcher::matches)
                .findFirst();
    }

    private static URI loopback(String port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    Process process() {
        return process;
    }

    public URI endpoint() {
        return endpoint;
    }

    /** This server as suites see it that run on several. */
    public DynamoDbEndpoint asEndpoint() {
        return new DynamoDbEndpoint("DynamoDB Local", endpoint, REGION, ACCOUNT, Optional.empty());
    }

    /** Closes every open shard of every table's stream, and opens one that follows it. Returns when that is done. */
    public void rollOver() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) control.resolve("/rollover").toURL().openConnection();
            connection.setRequestMethod("POST");
            connection.setReadTimeout((int) ROLLS_OVER_WITHIN.toMillis());
            int status = connection.getResponseCode();
            connection.disconnect();
            if (status != HttpURLConnection.HTTP_NO_CONTENT) {
                throw new IllegalStateException("DynamoDB Local did not roll over: " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it; what it holds is gone. */
    @Override
    public void close() {
        RUNNING.remove(endpoint);
        process.destroyForcibly();
        process.onExit().join();
    }
}
