package dev.millrace.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The emulator DynamoDB Local in a JVM of its own, on a free port of loopback. It ends with this JVM. */
final class DynamoDbLocal implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("ready port=(\\d+) .*");

    private final Process process;
    private final URI endpoint;

    private DynamoDbLocal(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /**
     * An emulator that is starting.
     *
     * @param process its standard input is a pipe from this JVM, and it ends when that does
     */
    record Starting(Process process) {

        /** Waits until it answers. */
        DynamoDbLocal await() throws NotHereException {
            try {
                BufferedReader output = process.inputReader();
                Matcher ready = READY.matcher(String.valueOf(output.readLine()));
                if (ready.matches()) {
                    return new DynamoDbLocal(process, URI.create("http://127.0.0.1:" + ready.group(1)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            process.destroyForcibly();
            throw new NotHereException("DynamoDB Local does not start; see its log");
        }
    }

    /** Begins to start it, which takes a second or two. */
    static Starting begin(Path log) throws NotHereException {
        Path module = Emulators.folder().resolve("dynamodb-local");
        if (!Files.isDirectory(module.resolve("target/dist/lib"))) {
            throw new NotHereException("DynamoDB Local is not built");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try {
            return new Starting(new ProcessBuilder(java, "@java.args")
                    .directory(module.toFile())
                    .redirectError(log.toFile())
                    .start());
        } catch (IOException e) {
            throw new NotHereException("DynamoDB Local does not start: " + e.getMessage());
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
