package dev.millrace.daemon.run;

import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.daemon.api.SharedStatus;
import dev.millrace.daemon.api.SharedStatus.NotPolled;
import dev.millrace.daemon.shared.DefinitionReader;
import dev.millrace.daemon.shared.MappingChanges;
import dev.millrace.daemon.shared.ReadDefinition;
import dev.millrace.mapping.EventSourceMapping;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls what the definitions in the store say: looks at them again and again, and opens, stops and replaces mappings. Owned by a
 * thread of its own.
 */
final class SharedMappings {

    private static final Logger LOG = LoggerFactory.getLogger(SharedMappings.class);

    /** What is under way at the end is a call to the store or a wait, and both end at once when they are interrupted. */
    private static final Duration END_WITHIN = Duration.ofSeconds(5);

    /**
     * How definitions are followed.
     *
     * @param every how often they are read
     * @param deadline how long a mapping's invocations may still run when it is stopped
     */
    record Pace(Duration every, Duration deadline) {}

    private final MappingDefinitions definitions;
    private final DefinitionReader reader;
    private final Pace pace;
    private final RunningMappings running;
    private final InstantSource clock;
    private @Nullable Thread thread;
    private volatile boolean stopping;
    private volatile SharedStatus status = SharedStatus.NOT_READ;

    // Of the thread alone.
    private final Map<UUID, EventSourceMapping> polled = new LinkedHashMap<>();
    private List<Definition> newest = List.of();
    private List<ReadDefinition> read = List.of();
    /** Why those could not be opened that should be. */
    private Map<UUID, String> unopened = Map.of();

    /** @param running owned by the thread of this from {@link #start} to {@link #stop} */
    SharedMappings(
            MappingDefinitions definitions,
            DefinitionReader reader,
            Pace pace,
            RunningMappings running,
            InstantSource clock) {
        this.definitions = definitions;
        this.reader = reader;
        this.pace = pace;
        this.running = running;
        this.clock = clock;
    }

    void start() {
        thread = Thread.ofVirtual().name("shared-mappings").start(this::run);
    }

    /** Follows the definitions no more. What is polled, or is stopping, goes on. */
    void stop() throws InterruptedException {
        stopping = true;
        Thread started = thread;
        if (started != null) {
            started.interrupt();
            if (!started.join(END_WITHIN)) {
                LOG.warn("the definitions of mappings are still being read and are left behind");
            }
        }
    }

    /** Called from any thread. */
    SharedStatus status() {
        return status;
    }

    private void run() {
        try {
            while (!stopping) {
                try {
                    turn();
                } catch (RuntimeException | Error defect) {
                    LOG.atError()
                            .setCause(defect)
                            .log("a defect kept the shared mappings from being followed; it is tried again");
                }
                if (!stopping) {
                    TimeUnit.NANOSECONDS.sleep(pace.every().toNanos());
                }
            }
        } catch (InterruptedException e) {
            // Interrupted means stop.
            Thread.currentThread().interrupt();
        }
    }

    private void turn() throws InterruptedException {
        List<Definition> loaded;
        try {
            loaded = definitions.load();
        } catch (StoreException e) {
            if (stopping) {
                return; // The call was interrupted.
            }
            outOfReach(String.valueOf(e.getMessage()));
            return;
        }
        Instant now = clock.instant();
        if (status.outOfReachSince() != null) {
            LOG.info("the shared mappings can be read again");
        }
        understand(loaded, now);
        MappingChanges changes = MappingChanges.between(polled.values(), read);
        Map<UUID, String> failures = new LinkedHashMap<>();
        if (!changes.isEmpty()) {
            apply(changes, failures);
        }
        unopened = failures;
        show(now);
    }

    // ---- reading ----

    private void outOfReach(String problem) {
        Instant since = status.outOfReachSince();
        if (since == null) {
            since = clock.instant();
            LOG.warn("the shared mappings cannot be read, what is polled goes on: {}", problem);
        }
        status = new SharedStatus(status.mappings(), status.notPolled(), status.lastRead(), since, problem);
    }

    /** What is wrong at this time may be right at another: a starting position may lie in the future. */
    private void understand(List<Definition> loaded, Instant now) {
        if (loaded.equals(newest) && read.stream().noneMatch(ReadDefinition.Wrong.class::isInstance)) {
            return;
        }
        List<ReadDefinition> before = read;
        newest = loaded;
        read = reader.read(loaded, now);
        read.stream().filter(one -> !before.contains(one)).forEach(SharedMappings::tell);
    }

    private static void tell(ReadDefinition definition) {
        UUID mapping = definition.definition().mapping();
        switch (definition) {
            case ReadDefinition.Usable _ -> {}
            case ReadDefinition.Overridden(var _, var _, var reason) ->
                LOG.atWarn()
                        .addKeyValue("mapping", mapping)
                        .addKeyValue("reason", reason)
                        .log("a shared mapping is in this node's file, too, and the file counts");
            case ReadDefinition.Wrong(var _, var problems) ->
                LOG.atWarn()
                        .addKeyValue("mapping", mapping)
                        .addKeyValue("problems", problems)
                        .log("a shared mapping is not polled by this node: its definition is wrong here");
        }
    }

    // ---- following ----

    private void apply(MappingChanges changes, Map<UUID, String> failures) throws InterruptedException {
        List<UUID> stop = changes.stop().stream().map(EventSourceMapping::uuid).toList();
        Instant until = clock.instant().plus(pace.deadline());
        for (EventSourceMapping mapping : changes.stop()) {
            LOG.atInfo()
                    .addKeyValue("mapping", mapping.uuid())
                    .addKeyValue("source", mapping.eventSourceArn())
                    .log("a shared mapping stops: it was changed, disabled or deleted");
        }
        running.stop(stop, until);
        show(status.lastRead());
        changes.open().forEach(mapping -> open(mapping, failures));
        running.awaitEnds(until);
        running.closeStopped();
        stop.forEach(polled::remove);
        changes.openAfter().forEach(mapping -> open(mapping, failures));
    }

    private void open(EventSourceMapping mapping, Map<UUID, String> failures) {
        try {
            running.open(mapping, running.size() + 1);
        } catch (StartException e) {
            String message = String.valueOf(e.getMessage());
            failures.put(mapping.uuid(), message);
            if (!message.equals(unopened.get(mapping.uuid()))) {
                LOG.atWarn().addKeyValue("mapping", mapping.uuid()).log("{}; it is tried again", message);
            }
            return;
        }
        polled.put(mapping.uuid(), mapping);
        running.start(mapping.uuid());
    }

    // ---- showing ----

    private void show(@Nullable Instant lastRead) {
        List<EventSourceMapping> usable = new ArrayList<>();
        List<NotPolled> notPolled = new ArrayList<>();
        for (ReadDefinition definition : read) {
            UUID mapping = definition.definition().mapping();
            switch (definition) {
                case ReadDefinition.Usable(var _, var one) -> usable.add(one);
                case ReadDefinition.Overridden(var _, var _, var reason) ->
                    notPolled.add(new NotPolled(mapping, "overridden by this node's file", List.of(reason)));
                case ReadDefinition.Wrong(var _, var problems) ->
                    notPolled.add(new NotPolled(mapping, "wrong", problems));
            }
        }
        unopened.forEach(
                (mapping, problem) -> notPolled.add(new NotPolled(mapping, "cannot be opened", List.of(problem))));
        status = new SharedStatus(usable, notPolled, lastRead, null, null);
    }
}
