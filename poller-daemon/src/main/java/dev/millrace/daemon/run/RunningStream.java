package dev.millrace.daemon.run;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.coordination.Placement;
import dev.millrace.coordination.PlacementProvider.Placements;
import dev.millrace.daemon.api.PolledStream;
import dev.millrace.daemon.api.StatusContent;
import dev.millrace.daemon.observe.StreamGauges;
import dev.millrace.daemon.observe.StreamLog;
import dev.millrace.daemon.observe.StreamMetrics;
import dev.millrace.daemon.observe.StreamObservers;
import dev.millrace.failure.Destination;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamCoordinator;
import dev.millrace.runner.StreamParts;
import dev.millrace.runner.StreamPoller;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One enabled mapping of a stream. */
final class RunningStream implements RunningMapping {

    /** Where all streams of a daemon keep their progress, and what says which shards are this node's. */
    record Progress(CheckpointStore store, SavePace pace, Placements placements) {}

    private final EventSourceMapping mapping;
    private final StreamSource source;
    private final @Nullable Destination destination;
    private final StreamPoller poller;
    private final StreamLog log;
    private final StreamGauges gauges;
    private final StreamAudit audit;
    private final InstantSource clock;

    RunningStream(
            EventSourceMapping mapping,
            StreamSource source,
            @Nullable Destination destination,
            FunctionGate function,
            Progress progress,
            Shared shared) {
        this.mapping = mapping;
        this.source = source;
        this.destination = destination;
        this.clock = shared.clock();
        this.log = new StreamLog(mapping);
        this.audit = new StreamAudit(mapping.uuid(), progress.store(), clock);
        StreamMetrics metrics = new StreamMetrics(mapping, destination, shared.registry(), clock);
        this.gauges = new StreamGauges(mapping, shared.registry(), clock, metrics::iteratorAge);
        StreamParts parts = new StreamParts(
                mapping,
                source,
                function,
                destination,
                progress.pace(),
                new StreamObservers(List.of(log, metrics, audit)),
                clock);
        long bytes = mapping.options().maximumBytesInFlight();
        Placement placement = progress.placements().place(mapping.uuid(), clock);
        this.poller = new StreamPoller(
                parts, new StreamCoordinator(parts, progress.store(), placement), bytes > 0 ? bytes : shared.bytes());
    }

    @Override
    public StatusContent.Polled polled() {
        return PolledStream.of(poller, clock);
    }

    @Override
    public void start() {
        log.lifecycle("polling");
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
        gauges.update(poller.snapshot(), poller.alive());
    }

    @Override
    public void close() {
        poller.kill();
        gauges.close();
        audit.close();
        source.close();
        if (destination != null) {
            destination.close();
        }
    }

    @Override
    public String toString() {
        return "mapping " + mapping.uuid() + " of " + mapping.eventSourceArn();
    }
}
