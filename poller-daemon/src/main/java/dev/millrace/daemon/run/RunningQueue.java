package dev.millrace.daemon.run;

import dev.millrace.daemon.observe.Observers;
import dev.millrace.daemon.observe.QueueGauges;
import dev.millrace.daemon.observe.QueueLog;
import dev.millrace.daemon.observe.QueueMetrics;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueuePolicy;
import dev.millrace.runner.QueuePoller;
import dev.millrace.source.QueueSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;

/** One enabled mapping with its poller, source, log and metrics. */
final class RunningMapping implements AutoCloseable {

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

    void refreshGauges() {
        gauges.update(poller.snapshot().orElse(null), poller.alive());
    }

    /** Ends the poller at once if it still runs, and closes the source. */
    @Override
    public void close() {
        poller.kill();
        source.close();
    }

    @Override
    public String toString() {
        return "mapping " + mapping.uuid() + " of " + mapping.eventSourceArn();
    }
}
