package dev.millrace.invoker.process;

import dev.millrace.invoke.FunctionErrors;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running process of a function with its own Runtime API port: what Lambda calls an execution environment. A virtual
 * thread watches it and, when it ends for whatever reason, kills what it left behind, logs the rest of its output and
 * closes the port; only then does the session learn of the end.
 */
final class FunctionProcess {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionProcess.class);

    /** After the process's end, for its last lines to be read from the pipe. */
    private static final long OUTPUT_MILLIS = 1_000;

    /** SIGKILL cannot be refused, but a process in an uninterruptible system call takes its time. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(5);

    private final String name;
    private final String logStream;
    private final Process process;
    private final RuntimeSession session;
    private final LoopbackServer server;
    private final FunctionLog output;
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile boolean endExpected;

    private FunctionProcess(
            ProcessSettings settings,
            String name,
            String logStream,
            Process process,
            RuntimeSession session,
            LoopbackServer server) {
        this.name = name;
        this.logStream = logStream;
        this.process = process;
        this.session = session;
        this.server = server;
        this.output =
                FunctionLog.start(settings.function().name(), name, process.getInputStream(), session::lastRequestId);
    }

    /**
     * Starts the function's command. Does not wait for the runtime to be ready.
     *
     * @param name for threads and log lines, such as {@code orders/3}
     * @param daemonEnvironment what base variables are taken from
     * @throws IOException when the command cannot be executed; the message says why
     */
    static FunctionProcess start(
            ProcessSettings settings, String name, Map<String, String> daemonEnvironment, Clock clock)
            throws IOException {
        RuntimeSession session = new RuntimeSession();
        String logStream = logStream(settings, clock);
        LoopbackServer server = new LoopbackServer(name, FunctionErrors.LARGEST_ANSWER, new RuntimeApi(session));
        Process process;
        try {
            process =
                    execute(settings, ProcessEnvironment.of(settings, daemonEnvironment, server.address(), logStream));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        FunctionProcess started = new FunctionProcess(settings, name, logStream, process, session, server);
        Thread.ofVirtual().name("process/" + name).start(started::watch);
        LOG.info(
                "Started process {} of function {} with pid {}",
                name,
                settings.function().name(),
                process.pid());
        return started;
    }

    private static Process execute(ProcessSettings settings, Map<String, String> environment) throws IOException {
        Path directory = settings.launch().workingDirectory();
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        List<String> command = new ArrayList<>(settings.launch().command());
        command.set(0, program(command.getFirst(), directory, environment.getOrDefault("PATH", "")));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        try {
            builder.environment().putAll(environment);
        } catch (IllegalArgumentException e) {
            throw new IOException("the environment has a variable that no process can have: " + e.getMessage(), e);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /**
     * A name with a slash, and the conventional {@code bootstrap}, count from the working directory; others are looked up
     * in the process's own PATH, where the JDK would look in the daemon's.
     */
    private static String program(String name, Path directory, String path) {
        Path local = directory.resolve(name);
        if (name.contains("/") || (name.equals("bootstrap") && Files.isExecutable(local))) {
            return local.toString();
        }
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(path)
                .filter(entry -> !entry.isEmpty())
                .map(entry -> directory.resolve(entry).resolve(name))
                .filter(candidate -> Files.isExecutable(candidate) && !Files.isDirectory(candidate))
                .findFirst()
                .map(Path::toString)
                .orElse(name);
    }

    /** As Lambda names them: date, version, 32 hexadecimal digits. */
    private static String logStream(ProcessSettings settings, Clock clock) {
        String date =
                LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString().replace('-', '/');
        String unique = UUID.randomUUID().toString().replace("-", "");
        return date + "/[" + settings.function().version() + "]" + unique;
    }

    String name() {
        return name;
    }

    RuntimeSession session() {
        return session;
    }

    /** Whether it lives and can take an event. */
    boolean usable() {
        return process.isAlive() && session.usable();
    }

    /** Whether it has ended and everything it left behind is cleaned up. */
    boolean ended() {
        return gone.getCount() == 0 || !process.isAlive();
    }

    private void watch() {
        int exitCode = awaitExit();
        try {
            int strays = ProcessTree.killStrays(ProcessEnvironment.LOG_STREAM, logStream);
            if (strays > 0) {
                LOG.info("Killed {} processes that process {} had left behind", strays, name);
            }
            awaitOutput();
            if (!endExpected) {
                LOG.warn("Process {} with pid {} ended: {}", name, process.pid(), ExitStatus.describe(exitCode));
            }
        } finally {
            session.end(new RuntimeSession.End.Exited(exitCode));
            server.close();
            gone.countDown();
        }
    }

    private int awaitExit() {
        while (true) {
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                // Nobody has a reference to this thread, and leaving early would leave strays.
                LOG.debug("Interrupted while watching process {}", name);
            }
        }
    }

    private void awaitOutput() {
        try {
            output.awaitEnd(OUTPUT_MILLIS);
        } catch (InterruptedException e) {
            LOG.debug("Interrupted while reading the output of process {}", name);
        }
    }

    /** Kills it with everything it has started, and returns when it is gone. Also works while interrupted. */
    void kill() {
        endExpected = true;
        ProcessTree.kill(process);
        boolean interrupted = Thread.interrupted();
        try {
            if (!gone.await(KILL_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.error("Process {} with pid {} is still there after SIGKILL", name, process.pid());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks it to end, by SIGTERM. Returns at once. */
    void terminate() {
        endExpected = true;
        process.destroy();
    }

    /** Waits for its end; false when it still lives. */
    boolean awaitGone(Duration timeout) throws InterruptedException {
        return gone.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
}
