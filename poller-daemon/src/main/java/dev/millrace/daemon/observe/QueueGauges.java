package dev.millrace.daemon.observe;

import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueSnapshot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The gauges of one queue mapping, read from its newest snapshot. Refreshed before each scrape. */
public final class QueueGauges {

    private volatile @Nullable QueueSnapshot snapshot;
    private final LivenessGauges liveness;

    public QueueGauges(EventSourceMapping mapping, MeterRegistry registry) {
        liveness = new LivenessGauges(MappingTags.of(mapping), registry);
        gauge(mapping, registry, "millrace.concurrency.limit", QueueSnapshot::concurrencyLimit);
        gauge(mapping, registry, "millrace.concurrent.invocations", QueueSnapshot::invoking);
        gauge(mapping, registry, "millrace.batches.backing.off", QueueSnapshot::backingOff);
        gauge(mapping, registry, "millrace.batches.waiting", QueueSnapshot::waiting);
        gauge(mapping, registry, "millrace.receives", QueueSnapshot::receives);
        gauge(mapping, registry, "millrace.held.messages", QueueSnapshot::heldMessages);
        gauge(mapping, registry, "millrace.held.bytes", held -> (double) held.heldBytes());
    }

    private static boolean isRunning(@Nullable QueueSnapshot newest) {
        return newest != null && newest.phase() == QueueSnapshot.Phase.RUNNING && newest.problem() == null;
    }

    private void gauge(
            EventSourceMapping mapping, MeterRegistry registry, String name, ToDoubleFunction<QueueSnapshot> value) {
        Gauge.builder(name, this, gauges -> {
                    QueueSnapshot newest = gauges.snapshot;
                    return newest == null ? Double.NaN : value.applyAsDouble(newest);
                })
                .tags(MappingTags.of(mapping))
                .register(registry);
    }

    /** Takes in the newest state; null while the mapping restarts after a defect. */
    public void update(@Nullable QueueSnapshot newest, boolean isAlive) {
        snapshot = newest;
        liveness.update(isAlive, isRunning(newest));
    }
}
