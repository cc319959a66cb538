package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Fresh canned servers for one run: a source of work and a function. Peers are started on it and end before it does. */
public final class Stage implements AutoCloseable {
    /** After which nothing of a peer's start is left. */
    public static final Duration SETTLE = Duration.ofSeconds(30);

    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final String name;
    private final int round;
    private final Settings settings;
    private final List<CannedServer> servers = new ArrayList<>();

    private Stage(String name, int round, Settings settings) {
        this.name = name;
        this.round = round;
        this.settings = settings;
    }

    /**
     * Starts the servers.
     *
     * @param name of the run, for its logs
     * @param source the command of the server that work comes from
     * @param function the command of the function
     * @param assistants commands of servers that this stage's peer needs beside the source and that are counted with it
     */
    public static Stage open(
            String name,
            int round,
            Settings settings,
            List<String> source,
            List<String> function,
            List<List<String>> assistants)
            throws IOException {
        Stage stage = new Stage(name, round, settings);
        try {
            stage.serve("source", source);
            stage.serve("function", function);
            for (List<String> assistant : assistants) {
                stage.serve("assistant-" + stage.servers.size(), assistant);
            }
            return stage;
        } catch (IOException | RuntimeException e) {
            stage.close();
            throw e;
        }
    }

    private void serve(String role, List<String> command) throws IOException {
        servers.add(ChildProcess.startServer(name + "'s " + role, command, settings.log(name + "-" + role, round)));
    }

    /** Starts a peer. */
    public ChildProcess start(List<String> command) throws IOException {
        return ChildProcess.start(name, command, settings.log(name, round));
    }

    public CannedServer source() {
        return servers.getFirst();
    }

    public CannedServer function() {
        return servers.get(1);
    }

    public List<CannedServer> assistants() {
        return List.copyOf(servers.subList(2, servers.size()));
    }

    /** CPU seconds of the source and of those that assist it. */
    double sourceCpuSeconds() throws IOException {
        double seconds = source().process().usage().cpuSeconds();
        for (CannedServer assistant : assistants()) {
            seconds += assistant.process().usage().cpuSeconds();
        }
        return seconds;
    }

    /**
     * Waits until the source has counted this much.
     *
     * @param statistic as the source calls it
     */
    public void awaitSource(String statistic, long count, ChildProcess peer, Duration patience)
            throws IOException, InterruptedException {
        Instant end = Instant.now().plus(patience);
        long seen = 0;
        while (Instant.now().isBefore(end)) {
            seen = source().stats().getOrDefault(statistic, 0L);
            if (seen >= count) {
                return;
            }
            // Fails at once when the peer is gone.
            peer.usage();
            pass(LOOK_EVERY);
        }
        throw peer.failed("brought %d of %d %s in %s".formatted(seen, count, statistic, patience));
    }

    /**
     * What a peer uses that has nothing to do: CPU seconds per minute of a window, and memory at its end.
     *
     * @param settle time to let pass before
     */
    public ProcessUsage atRest(ChildProcess peer, Duration settle) throws IOException, InterruptedException {
        pass(settle);
        ProcessUsage before = peer.usage();
        pass(settings.window());
        ProcessUsage after = peer.usage();
        double perMinute = (after.cpuSeconds() - before.cpuSeconds())
                * Duration.ofMinutes(1).toMillis()
                / settings.window().toMillis();
        return new ProcessUsage(perMinute, after.residentMib());
    }

    /** Lets time pass; the only way to measure a rate. */
    public static void pass(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    @Override
    public void close() {
        servers.reversed().forEach(CannedServer::close);
    }
}
