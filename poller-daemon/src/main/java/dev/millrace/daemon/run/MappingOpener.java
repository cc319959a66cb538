package dev.millrace.daemon.run;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.config.AwsSettings;
import dev.millrace.coordination.PlacementProvider.PlacementFactory;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.failure.Destination;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.source.EventSourceProvider;
import dev.millrace.source.QueueSourceProvider;
import dev.millrace.source.StreamSourceProvider;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opens mappings, and when the first one needs it, what all of them share: the store and what places shards. Used by one
 * thread at a time. To be closed after the mappings.
 */
final class MappingOpener implements AutoCloseable {

    /** Share of the heap that received messages may fill, all mappings together. */
    private static final int HEAP_SHARE = 4;
    /** A mapping may always hold this much, or it could not hold one full receive and a batch. */
    private static final long LEAST_BYTES = 16L << 20;
    /**
     * Where mappings come and go while others run, what one may hold does not shrink any more: each gets its share as if there
     * were so many. Of four times as many, opened one after the other, all together may hold 2.4 times the heap's share.
     */
    private static final int EXPECTED_MAPPINGS = 16;

    private final DaemonConfig config;
    private final Plugins plugins;
    private final Map<String, FunctionGate> functions;
    private final RunningMapping.Meters meters;
    private final OpenParts parts = new OpenParts();
    private @Nullable CheckpointStore store;
    private RunningStream.@Nullable Progress progress;

    /** @param functions all that are configured, by name */
    MappingOpener(
            DaemonConfig config, Plugins plugins, Map<String, FunctionGate> functions, RunningMapping.Meters meters) {
        this.config = config;
        this.plugins = plugins;
        this.functions = functions;
        this.meters = meters;
    }

    /** Opens the store at the first call. */
    CheckpointStore store() throws StartException {
        if (store == null) {
            try {
                store = parts.add(config.store().factory().open(placement().node()));
            } catch (StoreException e) {
                throw new StartException(String.valueOf(e.getMessage()), e);
            }
        }
        return store;
    }

    private PlacementFactory placement() {
        return config.coordination().factory();
    }

    private RunningStream.Progress progress() throws StartException {
        if (progress == null) {
            CheckpointStore opened = store();
            progress = new RunningStream.Progress(
                    opened,
                    config.store().factory().savePace(),
                    parts.add(placement().open()));
        }
        return progress;
    }

    /**
     * Opens a mapping, which does not poll yet.
     *
     * @param polled how many there are, with this one
     * @throws StartException when it cannot be opened; nothing of it is open then
     */
    RunningMapping open(EventSourceMapping mapping, int polled) throws StartException {
        FunctionGate function =
                Objects.requireNonNull(functions.get(mapping.function().name()), "a mapping's function is configured");
        RunningMapping.Shared shared = new RunningMapping.Shared(bytes(polled), meters);
        try (OpenParts opened = new OpenParts()) {
            RunningMapping running =
                    switch (plugins.source(mapping.eventSourceArn()).orElseThrow()) {
                        case QueueSourceProvider queues ->
                            new RunningQueue(mapping, opened.add(queues.open(mapping, aws(mapping))), function, shared);
                        case StreamSourceProvider streams ->
                            new RunningStream(
                                    mapping,
                                    opened.add(streams.open(mapping, aws(mapping))),
                                    openDestination(mapping, opened),
                                    function,
                                    progress(),
                                    shared);
                        case EventSourceProvider other ->
                            throw new IllegalStateException(other + " opens neither queues nor streams");
                    };
            opened.handOver();
            return running;
        } catch (RuntimeException e) {
            throw new StartException(
                    "cannot open mapping " + mapping.uuid() + " of " + mapping.eventSourceArn() + ": " + e
                            + "; mend it, or set its Enabled to false",
                    e);
        }
    }

    private long bytes(int polled) {
        boolean changing = config.store().factory().definitionsEvery().isPresent();
        int sharers = changing ? Math.max(EXPECTED_MAPPINGS, polled) : polled;
        return Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE / Math.max(1, sharers));
    }

    /** The settings that source and destination of the mapping are opened with. */
    private AwsSettings aws(EventSourceMapping mapping) {
        return config.aws().with(mapping.options().aws());
    }

    private @Nullable Destination openDestination(EventSourceMapping mapping, OpenParts opened) {
        if (!(mapping.source() instanceof StreamMembers members) || members.onFailureDestination() == null) {
            return null;
        }
        String destination = members.onFailureDestination();
        return opened.add(plugins.destination(destination)
                .orElseThrow()
                .open(destination, mapping.options().stream().includePayload(), aws(mapping)));
    }

    @Override
    public void close() {
        parts.close();
    }
}
