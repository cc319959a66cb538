package dev.millrace.daemon.observe;

import dev.millrace.stream.ShardSnapshot.Activity;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The gauges of one shard; they vanish with it. */
final class ShardGauges {

    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private volatile ShardView view;

    ShardGauges(Tags tags, ShardView first, MeterRegistry registry) {
        this.registry = registry;
        this.tags = tags;
        this.view = first;
        gauge("millrace.shard.running", seen -> seen.shard().problem() == null ? 1 : 0);
        gauge("millrace.shard.iterator.age.seconds", ShardView::iteratorAgeSeconds);
        gauge("millrace.shard.behind.latest.seconds", ShardView::behindLatest);
        gauge("millrace.shard.checkpoint.age.seconds", ShardView::checkpointAge);
        gauge("millrace.shard.concurrent.invocations", seen -> seen.lanes(Activity.INVOKING));
        gauge("millrace.shard.attempts", ShardView::attempts);
        gauge("millrace.shard.blocked.seconds", ShardView::blocked);
        gauge("millrace.shard.expiry.seconds", ShardView::expiry);
        gauge("millrace.shard.held.records", seen -> seen.shard().heldRecords());
    }

    private void gauge(String name, ToDoubleFunction<ShardView> value) {
        meters.add(Gauge.builder(name, this, gauges -> value.applyAsDouble(gauges.view))
                .tags(tags)
                .register(registry));
    }

    void update(ShardView newest) {
        view = newest;
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
