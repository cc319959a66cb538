package dev.millrace.daemon.run;

import dev.millrace.daemon.api.ApiServer;
import dev.millrace.daemon.api.StatusContent;
import dev.millrace.daemon.config.ApiSettings;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.FunctionConfig;
import dev.millrace.daemon.config.FunctionVersion;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.FunctionWatch;
import dev.millrace.daemon.observe.SharedGauges;
import dev.millrace.daemon.shared.DefinitionReader;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.Invoker;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.MonotonicClock;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a running daemon: one gate per function, one poller per enabled mapping, what follows the mappings that nodes share,
 * and the HTTP server that shows them. Started and stopped by one thread.
 *
 * <p>Everything is opened before anything polls: metrics, source and destination providers, functions, the store, sources,
 * HTTP server, in this order; when one of them fails, those before it are closed again. Stopping closes them in the reverse
 * order.
 */
public final class Daemon {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private final DaemonConfig config;
    private final OpenParts parts;
    private final InstantSource clock = new MonotonicClock();
    private final PrometheusMeterRegistry registry;
    private final Map<String, FunctionGate> functions = new LinkedHashMap<>();
    private final RunningMappings mappings;
    private final @Nullable SharedMappings shared;
    private final ApiServer api;
    private final ApiServer.Content content;

    private Daemon(DaemonConfig config, Plugins plugins, OpenParts parts) throws StartException {
        this.config = config;
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
        RunningMapping.Meters meters = new RunningMapping.Meters(registry, clock);
        MappingOpener opener = parts.add(new MappingOpener(config, plugins, functions, meters));
        this.mappings = parts.add(new RunningMappings(opener, meters));
        List<EventSourceMapping> enabled =
                config.mappings().stream().filter(EventSourceMapping::enabled).toList();
        for (EventSourceMapping mapping : enabled) {
            mappings.open(mapping, enabled.size());
        }
        this.shared = follow(opener, plugins);
        this.api = parts.add(bind(config.api()));
        this.content = new StatusContent(this::mappingsOfThisMoment, List.copyOf(functions.values()), this::scrape);
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
            daemon.mappings.startAll();
            daemon.api.start(daemon.content);
            if (daemon.shared != null) {
                daemon.shared.start();
            }
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

    /** Null when the store holds no definitions of mappings. */
    private @Nullable SharedMappings follow(MappingOpener opener, Plugins plugins) throws StartException {
        Optional<Duration> every = config.store().factory().definitionsEvery();
        if (every.isEmpty()) {
            return null;
        }
        SharedMappings following = new SharedMappings(
                opener.store().definitions().orElseThrow(),
                new DefinitionReader(config, plugins),
                new SharedMappings.Pace(every.get(), config.shutdown().deadline()),
                mappings,
                clock);
        SharedGauges.register(
                registry,
                clock,
                () -> Optional.ofNullable(following.status().lastRead()),
                () -> following.status().notPolled().size());
        return following;
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

    private StatusContent.Mappings mappingsOfThisMoment() {
        return new StatusContent.Mappings(
                config.mappings(), mappings.polled(), shared == null ? null : shared.status());
    }

    private String scrape() {
        mappings.refreshGauges();
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
        Instant until = clock.instant().plus(deadline);
        if (shared != null) {
            shared.stop();
        }
        LOG.atInfo()
                .addKeyValue("deadlineSeconds", deadline.toSeconds())
                .addKeyValue("mappings", mappings.size())
                .log("stopping: no more receives; long polls and invocations in flight may finish (a second signal"
                        + " ends at once)");
        mappings.stopAll(until);
        mappings.awaitEnds(until);
        parts.close();
        LOG.info("stopped");
    }
}
