package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.runner.QueuePoller;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the HTTP server tells, asked of the parts that are running. Immutable; used by many threads at once.
 *
 * @param configured every mapping of the configuration
 * @param polled those of them that are enabled, with their pollers
 * @param functions every function of the configuration
 * @param scrape all metrics in Prometheus' text format, read at the moment of the call
 */
public record StatusContent(
        List<EventSourceMapping> configured, List<Polled> polled, List<FunctionGate> functions, Supplier<String> scrape)
        implements ApiServer.Content {

    /** A mapping and what polls its source. */
    public record Polled(EventSourceMapping mapping, QueuePoller poller) {
        private String id() {
            return mapping.uuid().toString();
        }
    }

    /** A runner died of a defect, and the next one is not there yet. */
    private static final String RESTARTING = "restarting";

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
            boolean alive = one.poller().alive();
            ok &= alive;
            detail.put(one.id(), alive ? "turning" : "stalled");
        }
        return new ApiServer.Health(ok, detail);
    }

    @Override
    public ApiServer.Health ready() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        boolean ok = true;
        for (Polled one : polled) {
            Optional<QueueSnapshot> snapshot = one.poller().snapshot();
            ok &= snapshot.filter(StatusContent::isReady).isPresent();
            detail.put(one.id(), snapshot.map(StatusContent::word).orElse(RESTARTING));
        }
        return new ApiServer.Health(ok, detail);
    }

    private static boolean isReady(QueueSnapshot snapshot) {
        return snapshot.phase() == QueueSnapshot.Phase.RUNNING && snapshot.problem() == null;
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
                    putState(running.poller(), one);
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

    private static void putState(QueuePoller poller, ObjectNode status) {
        Optional<QueueSnapshot> answer = poller.snapshot();
        status.put("State", answer.map(StatusContent::word).orElse(RESTARTING));
        status.put("Alive", poller.alive());
        answer.ifPresent(snapshot -> {
            status.put("CircuitBreaker", snapshot.health().name());
            status.put("ConcurrencyLimit", snapshot.concurrencyLimit());
            status.put("Invoking", snapshot.invoking());
            status.put("BackingOff", snapshot.backingOff());
            status.put("WaitingBatches", snapshot.waiting());
            status.put("CollectingMessages", snapshot.collecting());
            status.put("Receives", snapshot.receives());
            status.put("DeletingMessages", snapshot.deleting());
            status.put("HeldMessages", snapshot.heldMessages());
            status.put("HeldBytes", snapshot.heldBytes());
            if (snapshot.visibilityTimeout() != null) {
                status.put(
                        "VisibilityTimeoutSeconds", snapshot.visibilityTimeout().toSeconds());
            }
            if (snapshot.problem() != null) {
                status.put("Problem", snapshot.problem().message());
            }
        });
    }

    /** One word on how the mapping is doing. */
    private static String word(QueueSnapshot snapshot) {
        if (snapshot.problem() != null) {
            return "source trouble: " + snapshot.problem().kind();
        }
        return switch (snapshot.phase()) {
            case STARTING -> "starting";
            case REFUSED -> "refused: function timeout exceeds the queue's visibility timeout";
            case RUNNING -> "Enabled";
            case STOPPING -> "stopping";
            case FINISHED -> "stopped";
        };
    }
}
