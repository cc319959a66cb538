package dev.millrace.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.daemon.api.ApiServer;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.FunctionConfig;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.runner.MonotonicClock;
import dev.millrace.source.QueueSourceProvider;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a running daemon: one gate per function, one poller per enabled mapping, and the HTTP server that shows them. Made,
 * started and stopped by one thread.
 */
public final class Daemon implements ApiServer.Content {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    /** Share of the heap that received messages may fill, all mappings together. */
    private static final int HEAP_SHARE = 4;
    /** A mapping may always hold this much, or it could not hold one full receive and a batch. */
    private static final long LEAST_BYTES = 16L << 20;
    /** Beyond the deadline, for releasing and deleting messages and for interrupted tasks to end. */
    private static final Duration END_MARGIN = Duration.ofSeconds(5);

    private final DaemonConfig config;
    private final InstantSource clock = new MonotonicClock();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<QueueSourceProvider> sources = new ArrayList<>();
    private final Map<String, FunctionGate> functions = new LinkedHashMap<>();
    private final List<RunningMapping> mappings = new ArrayList<>();
    private final List<EventSourceMapping> notServed = new ArrayList<>();
    private final ApiServer api;

    /**
     * Opens everything and starts polling.
     *
     * @throws IOException when the API's address cannot be bound
     */
    public Daemon(DaemonConfig config) throws IOException {
        this.config = config;
        new UptimeMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        ServiceLoader.load(QueueSourceProvider.class).forEach(sources::add);
        this.api = new ApiServer(
                new InetSocketAddress(config.api().host(), config.api().port()), this);
        config.functions().forEach(this::openFunction);
        List<EventSourceMapping> enabled =
                config.mappings().stream().filter(EventSourceMapping::enabled).toList();
        long bytesShare =
                Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE / Math.max(1, enabled.size()));
        enabled.forEach(mapping -> openMapping(mapping, bytesShare));
        mappings.forEach(RunningMapping::start);
        api.start();
    }

    private void openFunction(FunctionConfig function) {
        Map<String, FunctionGate.Version> versions = new HashMap<>();
        function.versions()
                .forEach((number, version) -> versions.put(
                        number,
                        new FunctionGate.Version(
                                version.invoker().open(), version.settings().timeout())));
        FunctionGate gate = new FunctionGate(
                function.name(),
                new FunctionGate.Limits(function.latest().settings().reservedConcurrency(), function.breaker()),
                versions,
                function.aliases());
        gate.onHealthChange(() -> logHealth(gate));
        Gauge.builder("millrace.function.concurrency", gate, FunctionGate::concurrency)
                .tag("function", gate.name())
                .register(registry);
        Gauge.builder("millrace.function.breaker.state", gate, one -> breakerState(one.health()))
                .description("0 closed, 1 open, 2 half open")
                .tag("function", gate.name())
                .register(registry);
        functions.put(function.name(), gate);
    }

    private static double breakerState(FunctionHealth health) {
        return switch (health) {
            case AVAILABLE -> 0;
            case SUSPENDED -> 1;
            case PROBING -> 2;
        };
    }

    private static void logHealth(FunctionGate gate) {
        FunctionHealth health = gate.health();
        LOG.atLevel(health == FunctionHealth.SUSPENDED ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.INFO)
                .addKeyValue("function", gate.name())
                .log(
                        switch (health) {
                            case AVAILABLE -> "circuit breaker closed: the function answers again";
                            case SUSPENDED ->
                                "circuit breaker open: the function is unreachable or throttled all the time;"
                                        + " receiving pauses, messages stay in the queue";
                            case PROBING -> "circuit breaker half open: the next batch tries the function";
                        });
    }

    private void openMapping(EventSourceMapping mapping, long bytesShare) {
        Optional<QueueSourceProvider> provider = sources.stream()
                .filter(source -> source.serves(mapping.eventSourceArn()))
                .findFirst();
        FunctionGate function = functions.get(mapping.function().name());
        if (provider.isEmpty() || function == null) {
            LOG.atError()
                    .addKeyValue("mapping", mapping.uuid())
                    .addKeyValue("source", mapping.eventSourceArn())
                    .log("this build has no poller for this kind of source; the mapping does not run");
            notServed.add(mapping);
            return;
        }
        mappings.add(new RunningMapping(
                mapping, provider.get().open(mapping, config.aws()), function, bytesShare, registry, clock));
    }

    // ---- stopping ----

    /** Stops receiving, lets invocations finish within the configured deadline, and closes everything. */
    public void stop() throws InterruptedException {
        Duration deadline = config.shutdown().deadline();
        LOG.atInfo()
                .addKeyValue("deadlineSeconds", deadline.toSeconds())
                .addKeyValue("mappings", mappings.size())
                .log("stopping: no more receives; long polls and invocations in flight may finish (a second signal"
                        + " ends at once)");
        Instant until = clock.instant().plus(deadline);
        mappings.forEach(mapping -> mapping.poller().stop(until));
        for (RunningMapping mapping : mappings) {
            Duration left = Duration.between(clock.instant(), until).plus(END_MARGIN);
            if (!mapping.poller().awaitEnd(left)) {
                LOG.atWarn()
                        .addKeyValue("mapping", mapping.mapping().uuid())
                        .log("a mapping did not end in time and is left behind");
                mapping.poller().kill();
            }
        }
        close();
        LOG.info("stopped");
    }

    private void close() {
        api.close();
        mappings.forEach(mapping -> mapping.source().close());
        functions.values().forEach(FunctionGate::close);
        sources.forEach(QueueSourceProvider::close);
        registry.close();
    }

    // ---- what the HTTP server tells ----

    /** Where the HTTP server listens. */
    public InetSocketAddress address() {
        return api.address();
    }

    @Override
    public ApiServer.Health live() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        for (RunningMapping mapping : mappings) {
            boolean alive = mapping.poller().alive();
            ok &= alive;
            detail.put(mapping.mapping().uuid().toString(), alive ? "turning" : "stalled");
        }
        return new ApiServer.Health(ok, detail);
    }

    @Override
    public ApiServer.Health ready() throws InterruptedException {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        for (RunningMapping mapping : mappings) {
            Optional<QueueSnapshot> snapshot = mapping.poller().snapshot();
            boolean ready = snapshot.isPresent()
                    && snapshot.get().phase() == QueueSnapshot.Phase.RUNNING
                    && snapshot.get().problem() == null;
            ok &= ready;
            detail.put(
                    mapping.mapping().uuid().toString(),
                    snapshot.map(RunningMapping::word).orElse("does not answer"));
        }
        for (EventSourceMapping mapping : notServed) {
            ok = false;
            detail.put(mapping.uuid().toString(), RunningMapping.NOT_SERVED);
        }
        return new ApiServer.Health(ok, detail);
    }

    @Override
    public String metrics() throws InterruptedException {
        for (RunningMapping mapping : mappings) {
            mapping.refreshGauges();
        }
        return registry.scrape();
    }

    @Override
    public JsonNode status() throws InterruptedException {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        var list = status.putArray("EventSourceMappings");
        for (EventSourceMapping mapping : config.mappings()) {
            Optional<RunningMapping> running = mappings.stream()
                    .filter(one -> one.mapping().equals(mapping))
                    .findFirst();
            list.add(running.isPresent() ? running.get().status() : RunningMapping.notRunning(mapping));
        }
        var gates = status.putObject("Functions");
        for (FunctionGate gate : functions.values()) {
            ObjectNode one = gates.putObject(gate.name());
            one.put("CircuitBreaker", gate.health().name());
            one.put("ConcurrentInvocations", gate.concurrency());
            gate.reservedConcurrency().ifPresent(limit -> one.put("ReservedConcurrency", limit));
            one.put("TimeoutSeconds", gate.timeout(null).toSeconds());
        }
        return status;
    }
}
