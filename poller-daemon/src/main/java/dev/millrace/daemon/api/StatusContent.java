package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the HTTP server tells, asked of the parts that are running. Immutable; used by many threads at once.
 *
 * @param configured every mapping of the configuration
 * @param polled those of them that are enabled
 * @param functions every function of the configuration
 * @param scrape all metrics in Prometheus' text format, read at the moment of the call
 */
public record StatusContent(
        List<EventSourceMapping> configured, List<Polled> polled, List<FunctionGate> functions, Supplier<String> scrape)
        implements ApiServer.Content {

    /** The state of a mapping whose runner died of a defect while the next one is not there yet. */
    static final String RESTARTING = "restarting";

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
        configured = List.copyOf(configured);
        polled = List.copyOf(polled);
        functions = List.copyOf(functions);
    }

    @Override
    public ApiServer.Health live() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        for (Polled one : polled) {
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
        for (Polled one : polled) {
            State state = one.state();
            ok &= state.ready();
            detail.put(one.mapping().uuid().toString(), state.word());
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
        for (EventSourceMapping mapping : configured) {
            ObjectNode one = list.addObject();
            one.put("UUID", mapping.uuid().toString());
            one.put("EventSourceArn", mapping.eventSourceArn().toString());
            one.put("FunctionName", mapping.function().text());
            one.put("State", "Disabled");
            for (Polled running : polled) {
                if (running.mapping().equals(mapping)) {
                    putState(running, one);
                }
            }
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
