package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the HTTP server tells, asked of the parts that are running. Immutable; used by many threads at once.
 *
 * @param mappings those of this moment
 * @param functions every function of the configuration
 * @param scrape all metrics in Prometheus' text format, read at the moment of the call
 */
public record StatusContent(Supplier<Mappings> mappings, List<FunctionGate> functions, Supplier<String> scrape)
        implements ApiServer.Content {

    /** The key of the health answers for the definitions that nodes share. */
    private static final String SHARED = "SharedMappings";

    /** The state of a mapping whose runner died of a defect while the next one is not there yet. */
    static final String RESTARTING = "restarting";

    /**
     * The mappings of one moment.
     *
     * @param configured every mapping of the configuration
     * @param polled those that are open, of the configuration and shared
     * @param shared null when there are no shared ones
     */
    public record Mappings(
            List<EventSourceMapping> configured,
            List<Polled> polled,
            @Nullable SharedStatus shared) {
        public Mappings {
            configured = List.copyOf(configured);
            polled = List.copyOf(polled);
        }

        /** Every one that has a state: the configuration's, the shared ones, and those that are still ending. */
        private Map<UUID, EventSourceMapping> all() {
            Map<UUID, EventSourceMapping> all = new LinkedHashMap<>();
            configured.forEach(mapping -> all.put(mapping.uuid(), mapping));
            if (shared != null) {
                shared.mappings().forEach(mapping -> all.putIfAbsent(mapping.uuid(), mapping));
            }
            polled.forEach(running -> all.putIfAbsent(running.mapping().uuid(), running.mapping()));
            return all;
        }

        private Map<UUID, Polled> polledById() {
            Map<UUID, Polled> byId = new LinkedHashMap<>();
            polled.forEach(running -> byId.put(running.mapping().uuid(), running));
            return byId;
        }
    }

    /** A mapping that is polled. Asked by many threads at once. */
    public interface Polled {

        EventSourceMapping mapping();

        /** Whether its loops turn. */
        boolean alive();

        /** How it is doing at this moment. */
        State state();
    }

    /**
     * How a mapping is doing.
     *
     * @param word in short: {@code Enabled}, {@code starting}, {@code source trouble: ...}
     * @param ready whether it does its work
     * @param describe adds everything else
     */
    public record State(String word, boolean ready, Consumer<ObjectNode> describe) {}

    public StatusContent {
        functions = List.copyOf(functions);
    }

    @Override
    public ApiServer.Health live() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        for (Polled one : mappings.get().polled()) {
            boolean alive = one.alive();
            ok &= alive;
            detail.put(one.mapping().uuid().toString(), alive ? "turning" : "stalled");
        }
        return new ApiServer.Health(ok, detail);
    }

    @Override
    public ApiServer.Health ready() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        Mappings now = mappings.get();
        for (Polled one : now.polled()) {
            State state = one.state();
            ok &= state.ready();
            detail.put(one.mapping().uuid().toString(), state.word());
        }
        if (now.shared() != null) {
            ok &= now.shared().isReady();
            detail.put(SHARED, now.shared().word());
        }
        return new ApiServer.Health(ok, detail);
    }

    @Override
    public String metrics() {
        return scrape.get();
    }

    @Override
    public JsonNode status() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        var list = status.putArray("EventSourceMappings");
        Mappings now = mappings.get();
        Map<UUID, Polled> polled = now.polledById();
        for (EventSourceMapping mapping : now.all().values()) {
            ObjectNode one = list.addObject();
            one.put("UUID", mapping.uuid().toString());
            one.put("EventSourceArn", mapping.eventSourceArn().toString());
            one.put("FunctionName", mapping.function().text());
            one.put("State", mapping.enabled() ? "starting" : "Disabled");
            Polled running = polled.get(mapping.uuid());
            if (running != null) {
                putState(running, one);
            }
        }
        if (now.shared() != null) {
            now.shared().describe(status.putObject(SHARED));
        }
        var gates = status.putObject("Functions");
        for (FunctionGate gate : functions) {
            ObjectNode one = gates.putObject(gate.name());
            one.put("CircuitBreaker", gate.health().name());
            one.put("ConcurrentInvocations", gate.concurrency());
            gate.reservedConcurrency().ifPresent(limit -> one.put("ReservedConcurrency", limit));
            one.put("TimeoutSeconds", gate.timeout(null).toSeconds());
        }
        return status;
    }

    private static void putState(Polled polled, ObjectNode status) {
        State state = polled.state();
        status.put("State", state.word());
        status.put("Alive", polled.alive());
        state.describe().accept(status);
    }
}
