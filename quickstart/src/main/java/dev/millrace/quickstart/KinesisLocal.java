package dev.millrace.quickstart;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The emulator kinesis-local in a Node.js process of its own, on a free port of loopback. It ends with this JVM. */
final class KinesisLocal implements AutoCloseable {

    private static final int OLDEST_NODE = 20;
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\..*");
    private static final int ANSWER_MILLIS = 2_000;
    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration LONGEST_START = Duration.ofSeconds(30);

    /** Runs the program until the pipe from this JVM ends. */
    private static final String RUN_WHILE_PARENT_LIVES =
            "process.stdin.resume().on('end', () => process.exit(0)); require(process.argv[1]);";

    private final Process process;
    private final URI endpoint;

    private KinesisLocal(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts it and waits until it answers. */
    static KinesisLocal start(Path log) throws NotHereException, InterruptedException {
        requireNode();
        Path program = Emulators.folder().resolve("node_modules").resolve("kinesis-local");
        if (!Files.isDirectory(program)) {
            throw new NotHereException("the npm package kinesis-local is not installed; run emulators/install.sh");
        }
        try {
            KinesisLocal started = launch(program, log);
            started.awaitAnswer();
            return started;
        } catch (IOException e) {
            throw new NotHereException("kinesis-local does not start: " + e.getMessage());
        }
    }

    private static void requireNode() throws NotHereException, InterruptedException {
        String answer;
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectErrorStream(true)
                    .start();
            answer = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            node.waitFor();
        } catch (IOException e) {
            throw new NotHereException(
                    "kinesis-local needs Node.js " + OLDEST_NODE + " or newer, and there is no node on the PATH");
        }
        Matcher version = VERSION.matcher(answer);
        if (!version.matches() || Integer.parseInt(version.group(1)) < OLDEST_NODE) {
            throw new NotHereException(
                    "kinesis-local needs Node.js " + OLDEST_NODE + " or newer, and node on the PATH says " + answer);
        }
    }

    private static KinesisLocal launch(Path program, Path log) throws IOException {
        int plain;
        int tls;
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            plain = one.getLocalPort();
            tls = other.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
                        "node",
                        "-e",
                        RUN_WHILE_PARENT_LIVES,
                        program.resolve("main.js").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("KINESIS_MOCK_PLAIN_PORT", String.valueOf(plain));
        environment.put("KINESIS_MOCK_TLS_PORT", String.valueOf(tls));
        // Otherwise it looks for its certificate in the working directory, and ends.
        environment.put("KINESIS_MOCK_CERT_PATH", program.resolve("server.json").toString());
        environment.put("AWS_REGION", Emulator.REGION);
        environment.put("AWS_ACCOUNT_ID", Emulator.ACCOUNT);
        environment.put("LOG_LEVEL", "WARN");
        return new KinesisLocal(builder.start(), URI.create("http://127.0.0.1:" + plain));
    }

    private void awaitAnswer() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LONGEST_START.toNanos();
        while (!answers()) {
            if (process.waitFor(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("it ended with exit code " + process.exitValue());
            }
            if (System.nanoTime() > deadline) {
                close();
                throw new IOException("no answer in " + LONGEST_START.toSeconds() + " s");
            }
        }
    }

    private boolean answers() throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) endpoint.resolve("/healthcheck").toURL().openConnection();
        connection.setConnectTimeout(ANSWER_MILLIS);
        connection.setReadTimeout(ANSWER_MILLIS);
        try {
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            // It does not listen yet.
            return false;
        } finally {
            connection.disconnect();
        }
    }

    URI endpoint() {
        return endpoint;
    }

    /** Stops it; what it holds is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
