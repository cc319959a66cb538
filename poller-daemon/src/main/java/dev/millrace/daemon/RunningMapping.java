package dev.millrace.daemon;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.daemon.observe.Observers;
import dev.millrace.daemon.observe.QueueGauges;
import dev.millrace.daemon.observe.QueueLog;
import dev.millrace.daemon.observe.QueueMetrics;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueuePolicy;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.runner.QueuePoller;
import dev.millrace.source.QueueSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** One enabled mapping with its poller, source, log and metrics. */
final class RunningMapping {

    static final String NOT_SERVED = "not served by this build";

    private final EventSourceMapping mapping;
    private final QueueSource source;
    private final QueuePoller poller;
    private final QueueLog log;
    private final QueueGauges gauges;
    private final QueuePolicy policy;

    RunningMapping(
            EventSourceMapping mapping,
            QueueSource source,
            FunctionGate function,
            long bytesShare,
            MeterRegistry registry,
            InstantSource clock) {
        this.mapping = mapping;
        this.source = source;
        this.log = new QueueLog(mapping);
        this.gauges = new QueueGauges(mapping, registry);
        this.policy = QueuePolicy.of(
                mapping,
                function.timeout(mapping.function().qualifier()),
                function.concurrencyLimit(mapping.function().qualifier()),
                bytesShare);
        Observers observers = new Observers(List.of(log, new QueueMetrics(mapping, registry)));
        this.poller = new QueuePoller(mapping, policy, source, function, observers, clock);
    }

    EventSourceMapping mapping() {
        return mapping;
    }

    QueueSource source() {
        return source;
    }

    QueuePoller poller() {
        return poller;
    }

    void start() {
        log.lifecycle(
                policy.scaling().ceiling() == 0
                        ? "the function's ReservedConcurrency is 0: nothing is received until that changes"
                        : "polling");
        poller.start();
    }

    void refreshGauges() throws InterruptedException {
        gauges.update(poller.snapshot().orElse(null), poller.alive());
    }

    ObjectNode status() throws InterruptedException {
        ObjectNode status = notRunning(mapping);
        Optional<QueueSnapshot> answer = poller.snapshot();
        status.put("State", answer.map(RunningMapping::word).orElse("does not answer"));
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
        return status;
    }

    static ObjectNode notRunning(EventSourceMapping mapping) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("UUID", mapping.uuid().toString());
        status.put("EventSourceArn", mapping.eventSourceArn().toString());
        status.put("FunctionName", mapping.function().text());
        status.put("State", mapping.enabled() ? NOT_SERVED : "Disabled");
        return status;
    }

    /** One word on how the mapping is doing. */
    static String word(QueueSnapshot snapshot) {
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
