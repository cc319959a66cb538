package dev.millrace.daemon.it;

import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The daemons of one test and the configurations that they run. Confined to the test's thread. */
public final class Daemons implements AutoCloseable {

    /** Where `package` puts the daemon's jars; tests run in the module's folder. */
    private static final Path DISTRIBUTION = Path.of("target", "dist", "lib").toAbsolutePath();

    private final Path folder;
    private final List<DaemonProcess> started = new ArrayList<>();
    private int configurations;

    /** @param folder for the configurations, the test's own */
    public Daemons(Path folder) {
        this.folder = folder;
    }

    /** A function by its name, behind a URL, as YAML. */
    public static String function(String name, int timeoutSeconds, String url) {
        return "  " + name + ": {Timeout: " + timeoutSeconds + ", Http: {Url: \"" + url + "\"}}\n";
    }

    /** A mapping as YAML, with more members as YAML in braces has them. */
    public static String mapping(String arn, String function, String members) {
        return "  - {EventSourceArn: \"" + arn + "\", FunctionName: \"" + function + "\""
                + (members.isEmpty() ? "" : ", " + members) + "}\n";
    }

    /**
     * Writes a configuration whose API takes a free port.
     *
     * @param settings more sections as YAML, each ending its line
     */
    public Path config(String settings, String functions, List<String> mappings) {
        return write("Api: {Port: 0}\n" + settings
                + "Functions:\n" + functions
                + (mappings.isEmpty() ? "" : "EventSourceMappings:\n" + String.join("", mappings)));
    }

    /** Writes any text as a configuration. */
    public Path write(String text) {
        try {
            configurations++;
            return Files.writeString(folder.resolve("millrace-" + configurations + ".yaml"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a daemon, with more options for its JVM, and returns at once. */
    public DaemonProcess start(Path config, String... javaOptions) {
        DaemonProcess daemon = DaemonProcess.run(DISTRIBUTION, config, javaOptions);
        started.add(daemon);
        return daemon;
    }

    /** Runs another command to its end, which must be a good one; answers its output. */
    public static String run(String... command) throws InterruptedException {
        return run(0, command);
    }

    /** Runs another command to its end, which must have this exit code; answers its output. */
    public static String run(int exitCode, String... command) throws InterruptedException {
        try (DaemonProcess process = DaemonProcess.start(DISTRIBUTION, command)) {
            int code = process.awaitExit();
            if (code != exitCode) {
                throw new AssertionError(String.join(" ", command) + ": exit code " + code + "\n" + process.output());
            }
            return process.output().toString();
        }
    }

    /** Ends all that were started. */
    @Override
    public void close() {
        started.forEach(DaemonProcess::close);
    }
}
