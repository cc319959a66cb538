package dev.millrace.daemon.run;

import dev.millrace.daemon.api.PolledQueue;
import dev.millrace.daemon.api.StatusContent;
import dev.millrace.daemon.observe.QueueGauges;
import dev.millrace.daemon.observe.QueueLog;
import dev.millrace.daemon.observe.QueueMetrics;
import dev.millrace.daemon.observe.QueueObservers;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueuePolicy;
import dev.millrace.runner.QueuePoller;
import dev.millrace.source.QueueSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One enabled mapping of a queue. */
final class RunningQueue implements RunningMapping {

    private final EventSourceMapping mapping;
    private final QueueSource source;
    private final QueuePoller poller;
    private final QueueLog log;
    private final QueueGauges gauges;
    private final QueuePolicy policy;

    RunningQueue(EventSourceMapping mapping, QueueSource source, FunctionGate function, Shared shared) {
        this.mapping = mapping;
        this.source = source;
        this.log = new QueueLog(mapping);
        this.gauges = new QueueGauges(mapping, shared.registry());
        this.policy = QueuePolicy.of(
                mapping,
                function.timeout(mapping.function().qualifier()),
                function.concurrencyLimit(mapping.function().qualifier()),
                shared.bytes());
        QueueObservers observers = new QueueObservers(List.of(log, new QueueMetrics(mapping, shared.registry())));
        this.poller = new QueuePoller(mapping, policy, source, function, observers, shared.clock());
    }

    @Override
    public StatusContent.Polled polled() {
        return new PolledQueue(mapping, poller);
    }

    @Override
    public void start() {
        log.lifecycle(
                policy.scaling().ceiling() == 0
                        ? "the function's ReservedConcurrency is 0: nothing is received until that changes"
                        : "polling");
        poller.start();
    }

    @Override
    public void stop(Instant deadline) {
        poller.stop(deadline);
    }

    @Override
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return poller.awaitEnd(time);
    }

    @Override
    public void refreshGauges() {
        gauges.update(poller.snapshot().orElse(null), poller.alive());
    }

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
