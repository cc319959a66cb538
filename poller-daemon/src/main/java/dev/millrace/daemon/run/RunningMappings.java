package dev.millrace.daemon.run;

import dev.millrace.daemon.api.StatusContent.Polled;
import dev.millrace.daemon.observe.MappingMeters;
import dev.millrace.mapping.EventSourceMapping;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mappings that are open at this moment, at most one of an id. Changed by one thread at a time: whoever starts the daemon,
 * then {@link SharedMappings}, at last whoever stops it. Shown to any thread.
 */
final class RunningMappings implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunningMappings.class);

    /** Beyond the deadline, for releasing and deleting messages and for interrupted tasks to end. */
    private static final Duration END_MARGIN = Duration.ofSeconds(5);

    private final MappingOpener opener;
    private final RunningMapping.Meters meters;
    private final Map<UUID, RunningMapping> open = new LinkedHashMap<>();
    private final Set<UUID> stopping = new HashSet<>();
    private volatile List<RunningMapping> shown = List.of();

    RunningMappings(MappingOpener opener, RunningMapping.Meters meters) {
        this.opener = opener;
        this.meters = meters;
    }

    /**
     * Opens a mapping, which does not poll yet.
     *
     * @param polled how many there will be
     */
    void open(EventSourceMapping mapping, int polled) throws StartException {
        open.put(mapping.uuid(), opener.open(mapping, polled));
    }

    int size() {
        return open.size();
    }

    void start(UUID mapping) {
        Objects.requireNonNull(open.get(mapping), "open").start();
        shown = List.copyOf(open.values());
    }

    void startAll() {
        open.values().forEach(RunningMapping::start);
        shown = List.copyOf(open.values());
    }

    /** Asks these to read no more and to finish by the deadline; those that are asked already keep theirs. Returns at once. */
    void stop(Collection<UUID> mappings, Instant deadline) {
        for (UUID mapping : mappings) {
            if (stopping.add(mapping)) {
                Objects.requireNonNull(open.get(mapping), "open").stop(deadline);
            }
        }
    }

    void stopAll(Instant deadline) {
        stop(open.keySet(), deadline);
    }

    /** Waits until they have ended that were asked to, a little beyond the deadline at most. */
    void awaitEnds(Instant deadline) throws InterruptedException {
        for (UUID mapping : List.copyOf(stopping)) {
            RunningMapping running = Objects.requireNonNull(open.get(mapping), "open");
            Duration left = Duration.between(meters.clock().instant(), deadline).plus(END_MARGIN);
            if (!running.awaitEnd(left)) {
                LOG.atWarn().addKeyValue("mapping", running).log("a mapping did not end in time and is left behind");
            }
        }
    }

    /** Closes those that were asked to stop. What one still holds that has not ended is delivered again. */
    void closeStopped() {
        for (UUID mapping : List.copyOf(stopping)) {
            close(Objects.requireNonNull(open.remove(mapping), "open"), mapping);
        }
        stopping.clear();
        shown = List.copyOf(open.values());
    }

    private void close(RunningMapping running, UUID mapping) {
        try {
            running.close();
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("mapping", running).setCause(e).log("a mapping could not be closed");
        }
        MappingMeters.remove(mapping, meters.registry());
    }

    /** Those that were started, as the HTTP server shows them. Called from any thread. */
    List<Polled> polled() {
        return shown.stream().map(RunningMapping::polled).toList();
    }

    /** Called from any thread. */
    void refreshGauges() {
        shown.forEach(RunningMapping::refreshGauges);
    }

    /** Closes all, the last one that was opened first. */
    @Override
    public void close() {
        for (UUID mapping : new ArrayList<>(open.keySet()).reversed()) {
            close(Objects.requireNonNull(open.remove(mapping), "open"), mapping);
        }
        stopping.clear();
        shown = List.of();
    }
}
