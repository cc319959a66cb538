package dev.millrace.daemon.run;

import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.config.AwsSettings;
import dev.millrace.coordination.PlacementProvider;
import dev.millrace.daemon.api.ApiServer;
import dev.millrace.daemon.api.StatusContent;
import dev.millrace.daemon.config.ApiSettings;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.FunctionConfig;
import dev.millrace.daemon.config.FunctionVersion;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.FunctionWatch;
import dev.millrace.failure.Destination;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.Invoker;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.runner.MonotonicClock;
import dev.millrace.source.EventSourceProvider;
import dev.millrace.source.QueueSourceProvider;
import dev.millrace.source.StreamSourceProvider;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a running daemon: one gate per function, one poller per enabled mapping, and the HTTP server that shows them.
 * Started and stopped by one thread.
 *
 * <p>Everything is opened before anything polls: metrics, source and destination providers, functions, the store, sources,
 * HTTP server, in this order; when one of them fails, those before it are closed again. Stopping closes them in the reverse
 * order.
 */
public final class Daemon {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    /** Share of the heap that received messages may fill, all mappings together. */
    private static final int HEAP_SHARE = 4;
    /** A mapping may always hold this much, or it could not hold one full receive and a batch. */
    private static final long LEAST_BYTES = 16L << 20;
    /** Beyond the deadline, for releasing and deleting messages and for interrupted tasks to end. */
    private static final Duration END_MARGIN = Duration.ofSeconds(5);

    private final DaemonConfig config;
    private final Plugins plugins;
    private final OpenParts parts;
    private final InstantSource clock = new MonotonicClock();
    private final PrometheusMeterRegistry registry;
    private final Map<String, FunctionGate> functions = new LinkedHashMap<>();
    private final List<RunningMapping> mappings = new ArrayList<>();
    private final RunningStream.@Nullable Progress progress;
    private final ApiServer api;
    private final ApiServer.Content content;

    private Daemon(DaemonConfig config, Plugins plugins, OpenParts parts) throws StartException {
        this.config = config;
        this.plugins = plugins;
        this.parts = parts;
        this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.add(registry::close);
        new UptimeMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        plugins.sources().forEach(parts::add);
        plugins.destinations().forEach(parts::add);
        for (FunctionConfig function : config.functions()) {
            openFunction(function);
        }
        List<EventSourceMapping> enabled =
                config.mappings().stream().filter(EventSourceMapping::enabled).toList();
        long bytes = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE / Math.max(1, enabled.size()));
        RunningMapping.Shared shared = new RunningMapping.Shared(bytes, registry, clock);
        this.progress = openProgress(enabled);
        for (EventSourceMapping mapping : enabled) {
            openMapping(mapping, shared);
        }
        this.api = parts.add(bind(config.api()));
        this.content = new StatusContent(
                config.mappings(),
                mappings.stream().map(RunningMapping::polled).toList(),
                List.copyOf(functions.values()),
                this::scrape);
    }

    /**
     * Opens everything and starts polling.
     *
     * @param plugins those that the configuration was read with; closed with the daemon, also when it cannot start
     * @throws StartException when a part cannot be opened; those before it have been closed
     */
    public static Daemon start(DaemonConfig config, Plugins plugins) throws StartException {
        OpenParts parts = new OpenParts();
        try {
            Daemon daemon = new Daemon(config, plugins, parts);
            daemon.mappings.forEach(RunningMapping::start);
            daemon.api.start(daemon.content);
            return daemon;
        } catch (StartException | RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private void openFunction(FunctionConfig function) throws StartException {
        Map<String, FunctionGate.Version> versions = new HashMap<>();
        try (OpenParts opened = new OpenParts()) {
            for (FunctionVersion version : function.versions().values()) {
                versions.put(
                        version.settings().version(),
                        new FunctionGate.Version(
                                opened.add(open(version)), version.settings().timeout()));
            }
            FunctionGate gate = new FunctionGate(
                    function.name(),
                    new FunctionGate.Limits(function.latest().settings().reservedConcurrency(), function.breaker()),
                    versions,
                    function.aliases());
            opened.handOver();
            functions.put(function.name(), parts.add(gate));
            FunctionWatch.begin(gate, registry);
        }
    }

    private static Invoker open(FunctionVersion version) throws StartException {
        try {
            return version.invoker().open();
        } catch (RuntimeException e) {
            throw new StartException(
                    "cannot open function " + version + ": " + e + "; see " + version.invokerType()
                            + " below Functions." + version.settings().name(),
                    e);
        }
    }

    /** Null when no stream is polled. */
    private RunningStream.@Nullable Progress openProgress(List<EventSourceMapping> enabled) throws StartException {
        if (enabled.stream().noneMatch(mapping -> mapping.kind().isStream())) {
            return null;
        }
        try {
            CheckpointStoreProvider.StoreFactory store = config.store().factory();
            PlacementProvider.PlacementFactory placement = config.coordination().factory();
            return new RunningStream.Progress(
                    parts.add(store.open(placement.node())), store.savePace(), parts.add(placement.open()));
        } catch (StoreException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private void openMapping(EventSourceMapping mapping, RunningMapping.Shared shared) throws StartException {
        FunctionGate function =
                Objects.requireNonNull(functions.get(mapping.function().name()), "a mapping's function is configured");
        try {
            mappings.add(parts.add(
                    switch (plugins.source(mapping.eventSourceArn()).orElseThrow()) {
                        case QueueSourceProvider queues ->
                            new RunningQueue(mapping, queues.open(mapping, aws(mapping)), function, shared);
                        case StreamSourceProvider streams ->
                            new RunningStream(
                                    mapping,
                                    streams.open(mapping, aws(mapping)),
                                    openDestination(mapping),
                                    function,
                                    Objects.requireNonNull(progress, "opened for the streams"),
                                    shared);
                        case EventSourceProvider other ->
                            throw new IllegalStateException(other + " opens neither queues nor streams");
                    }));
        } catch (RuntimeException e) {
            throw new StartException(
                    "cannot open mapping " + mapping.uuid() + " of " + mapping.eventSourceArn() + ": " + e
                            + "; mend it, or set its Enabled to false",
                    e);
        }
    }

    private @Nullable Destination openDestination(EventSourceMapping mapping) {
        if (!(mapping.source() instanceof StreamMembers members) || members.onFailureDestination() == null) {
            return null;
        }
        String destination = members.onFailureDestination();
        return plugins.destination(destination)
                .orElseThrow()
                .open(destination, mapping.options().stream().includePayload(), aws(mapping));
    }

    /** The settings that source and destination of the mapping are opened with. */
    private AwsSettings aws(EventSourceMapping mapping) {
        return config.aws().with(mapping.options().aws());
    }

    private static ApiServer bind(ApiSettings api) throws StartException {
        try {
            return new ApiServer(new InetSocketAddress(api.host(), api.port()));
        } catch (IOException | UnresolvedAddressException e) {
            throw new StartException(
                    "cannot serve the API at " + api.host() + ":" + api.port() + ": " + e.getMessage()
                            + "; set Api.Port to a free port and Api.Host to an address of this machine",
                    e);
        }
    }

    private String scrape() {
        for (RunningMapping mapping : mappings) {
            mapping.refreshGauges();
        }
        return registry.scrape();
    }

    /** Where the HTTP server listens. */
    public InetSocketAddress address() {
        return api.address();
    }

    /** What the HTTP server tells. */
    public ApiServer.Content content() {
        return content;
    }

    /** Stops receiving, lets invocations finish within the configured deadline, and closes everything. */
    public void stop() throws InterruptedException {
        Duration deadline = config.shutdown().deadline();
        LOG.atInfo()
                .addKeyValue("deadlineSeconds", deadline.toSeconds())
                .addKeyValue("mappings", mappings.size())
                .log("stopping: no more receives; long polls and invocations in flight may finish (a second signal"
                        + " ends at once)");
        Instant until = clock.instant().plus(deadline);
        mappings.forEach(mapping -> mapping.stop(until));
        for (RunningMapping mapping : mappings) {
            Duration left = Duration.between(clock.instant(), until).plus(END_MARGIN);
            if (!mapping.awaitEnd(left)) {
                LOG.atWarn().addKeyValue("mapping", mapping).log("a mapping did not end in time and is left behind");
            }
        }
        parts.close();
        LOG.info("stopped");
    }
}
