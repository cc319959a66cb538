package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.process.ProcessOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The emulator kinesis-local in a Node.js process of its own, on a free port of loopback, streams in memory. Needs Node.js 20 or
 * newer and the npm package that {@code emulators/install.sh} installs. Starting takes about a second, so share one per JVM; it ends
 * with the JVM, however that ends. Its ARNs are of {@value #REGION} and account {@value #ACCOUNT}.
 *
 * <p>Differs from Kinesis: puts become slow with thousands of records in a stream, a closed shard ends with the number
 * 9223372036854775807, an iterator that is none gives an error without a name, a sequence number of another stream is taken,
 * MillisBehindLatest is zero also where records of the last millisecond follow, nothing is throttled, and SubscribeToShard works
 * over HTTP/1.1 only.
 */
public final class KinesisLocal implements AutoCloseable {

    public static final String REGION = "us-east-1";
    public static final String ACCOUNT = "000000000000";

    private static final String PACKAGE = "kinesis-local";
    private static final int ATTEMPTS = 3;
    private static final int ANSWER_MILLIS = 2_000;

    /** Runs the program until the pipe from this JVM ends. */
    private static final String RUN_WHILE_PARENT_LIVES =
            "process.stdin.resume().on('end', () => process.exit(0)); require(process.argv[1]);";

    /** Nothing takes time that takes some on Kinesis; the emulator's own times are half a second each. */
    private static final List<String> DURATIONS = List.of(
            "CREATE_STREAM_DURATION",
            "DELETE_STREAM_DURATION",
            "REGISTER_STREAM_CONSUMER_DURATION",
            "DEREGISTER_STREAM_CONSUMER_DURATION",
            "MERGE_SHARDS_DURATION",
            "SPLIT_SHARD_DURATION",
            "UPDATE_SHARD_COUNT_DURATION");

    private final Process process;
    private final int port;

    private KinesisLocal(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Why it cannot be started here; nothing when it can. */
    public static Optional<String> obstacle() {
        if (NodePackage.find(PACKAGE).isEmpty()) {
            return Optional.of("the npm package " + PACKAGE + " is not installed; run emulators/install.sh");
        }
        return NodePackage.hasNode() ? Optional.empty() : Optional.of("no Node.js 20 or newer here");
    }

    /**
     * Starts on a free port and waits until it answers.
     *
     * @throws IllegalStateException when there is an {@link #obstacle()}, or it ends instead of answering
     */
    public static KinesisLocal start() {
        Path folder = NodePackage.find(PACKAGE)
                .orElseThrow(() -> new IllegalStateException(obstacle().orElse("not installed")));
        List<String> complaints = new ArrayList<>();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            // Somebody else may take a port between our look and the emulator's start.
            Ports ports = Ports.free();
            Process process = launch(folder, ports);
            ProcessOutput output = new ProcessOutput(process.getInputStream(), PACKAGE);
            KinesisLocal started = new KinesisLocal(process, ports.plain());
            Eventually.until(PACKAGE + " to answer", () -> !process.isAlive() || started.answers());
            if (process.isAlive()) {
                return started;
            }
            complaints.add(output.toString());
        }
        throw new IllegalStateException(PACKAGE + " does not start: " + complaints);
    }

    /** Its two ports; it listens for TLS as well, which the JDK does not trust and nobody here uses. */
    private record Ports(int plain, int tls) {

        static Ports free() {
            try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return new Ports(one.getLocalPort(), other.getLocalPort());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Process launch(Path folder, Ports ports) {
        ProcessBuilder builder = new ProcessBuilder(
                        "node",
                        "-e",
                        RUN_WHILE_PARENT_LIVES,
                        folder.resolve("main.js").toString())
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("KINESIS_MOCK_PLAIN_PORT", String.valueOf(ports.plain()));
        environment.put("KINESIS_MOCK_TLS_PORT", String.valueOf(ports.tls()));
        // Otherwise it looks for its certificate in the working directory, and ends.
        environment.put("KINESIS_MOCK_CERT_PATH", folder.resolve("server.json").toString());
        environment.put("AWS_REGION", REGION);
        environment.put("AWS_ACCOUNT_ID", ACCOUNT);
        environment.put("SHARD_LIMIT", "10000");
        environment.put("LOG_LEVEL", "WARN");
        DURATIONS.forEach(name -> environment.put(name, "5ms"));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) endpoint().resolve("/healthcheck").toURL().openConnection();
        connection.setConnectTimeout(ANSWER_MILLIS);
        connection.setReadTimeout(ANSWER_MILLIS);
        try {
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } finally {
            connection.disconnect();
        }
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Stops it; what it holds is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
