package dev.millrace.daemon.observe;

import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamSnapshot;
import dev.millrace.stream.ShardSnapshot.Activity;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of one stream mapping, read from its newest snapshot: those of all shards together, and those of each shard while
 * there are few enough. Refreshed before each scrape.
 */
public final class StreamGauges {

    /**
     * Most shards of a mapping that have gauges of their own; with more of them no shard has any. A shard has 9 gauges, and a
     * Prometheus server should not get many thousand series from one target.
     */
    static final int MOST_SHARDS = 200;

    /** The newest state of a mapping. */
    private record View(StreamSnapshot stream, List<ShardView> shards) {
        private double sum(ToDoubleFunction<ShardView> value) {
            return shards.stream().mapToDouble(value).sum();
        }

        /** The largest known value; NaN when none is known. */
        private double largest(ToDoubleFunction<ShardView> value) {
            return shards.stream()
                    .mapToDouble(value)
                    .filter(known -> !Double.isNaN(known))
                    .max()
                    .orElse(Double.NaN);
        }

        private double elsewhere() {
            return stream.coordination().owners().keySet().stream()
                    .filter(shardId -> !stream.shards().containsKey(shardId))
                    .count();
        }

        private double handingOver() {
            return stream.coordination().owners().values().stream()
                    .filter(owner -> owner.handingOverTo() != null)
                    .count();
        }

        private double troubled() {
            long unreadable = shards.stream()
                    .filter(seen -> seen.shard().problem() != null)
                    .count();
            return unreadable + (double) stream.starting().size();
        }
    }

    private final Tags tags;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Function<String, Optional<Duration>> iteratorAges;
    private final LivenessGauges liveness;
    private final Map<String, ShardGauges> ofShards = new HashMap<>();
    private volatile @Nullable View view;
    private boolean closed;

    /**
     * Gauges without a state yet.
     *
     * @param iteratorAges the IteratorAge of a shard's last invocation, {@link StreamMetrics#iteratorAge}
     */
    public StreamGauges(
            EventSourceMapping mapping,
            MeterRegistry registry,
            InstantSource clock,
            Function<String, Optional<Duration>> iteratorAges) {
        this.tags = MappingTags.of(mapping);
        this.registry = registry;
        this.clock = clock;
        this.iteratorAges = iteratorAges;
        this.liveness = new LivenessGauges(tags, registry);
        gauge("millrace.shards", seen -> seen.shards().size());
        gauge("millrace.shards.waiting", seen -> seen.stream().coordination().waitingShards());
        gauge("millrace.shards.in.trouble", View::troubled);
        gauge("millrace.shards.elsewhere", View::elsewhere);
        gauge("millrace.shards.handing.over", View::handingOver);
        gauge(
                "millrace.shards.without.owner",
                seen -> seen.stream().coordination().unowned());
        gauge("millrace.concurrent.invocations", seen -> seen.sum(shard -> shard.lanes(Activity.INVOKING)));
        gauge("millrace.batches.backing.off", seen -> seen.sum(shard -> shard.lanes(Activity.BACKING_OFF)));
        gauge("millrace.batches.waiting", seen -> seen.sum(shard -> shard.lanes(Activity.WAITING)));
        gauge(
                "millrace.batches.delivering",
                seen -> seen.sum(shard -> shard.lanes(Activity.DELIVERING, Activity.UNDELIVERED)));
        gauge(
                "millrace.batches.unsaved",
                seen -> seen.sum(shard -> shard.shard().unsaved()));
        gauge("millrace.held.records", seen -> seen.sum(shard -> shard.shard().heldRecords()));
        gauge(
                "millrace.held.bytes",
                seen -> seen.sum(shard -> (double) shard.shard().heldBytes()));
        gauge("millrace.behind.latest.seconds", seen -> seen.largest(ShardView::behindLatest));
        gauge("millrace.checkpoint.age.seconds", seen -> seen.largest(ShardView::checkpointAge));
        gauge("millrace.attempts", seen -> seen.largest(ShardView::attempts));
        gauge("millrace.blocked.lanes", seen -> seen.sum(ShardView::blockedLanes));
        gauge("millrace.blocked.seconds", seen -> seen.largest(ShardView::blocked));
        gauge("millrace.expiry.seconds", seen -> -seen.largest(shard -> -shard.expiry()));
    }

    private void gauge(String name, ToDoubleFunction<View> value) {
        Gauge.builder(name, this, gauges -> {
                    View newest = gauges.view;
                    return newest == null ? Double.NaN : value.applyAsDouble(newest);
                })
                .tags(tags)
                .register(registry);
    }

    /**
     * Takes in the newest state. Scrapes may come from several threads at once, and shards appear and vanish: one update at a
     * time.
     */
    public synchronized void update(StreamSnapshot newest, boolean isAlive) {
        if (closed) {
            return;
        }
        liveness.update(isAlive, newest.healthy());
        Instant now = clock.instant();
        Map<String, ShardView> shards = new HashMap<>();
        newest.shards()
                .forEach((shardId, shard) -> shards.put(
                        shardId,
                        new ShardView(shard, iteratorAges.apply(shardId).orElse(null), now)));
        view = new View(newest, List.copyOf(shards.values()));
        updateShards(shards.size() > MOST_SHARDS ? Map.of() : shards);
    }

    /** Takes in nothing any more, so that no gauge of a shard comes after the mapping's end. */
    public synchronized void close() {
        closed = true;
    }

    private void updateShards(Map<String, ShardView> shards) {
        ofShards.entrySet().removeIf(entry -> {
            boolean gone = !shards.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().remove();
            }
            return gone;
        });
        shards.forEach((shardId, shard) -> ofShards.computeIfAbsent(
                        shardId, _ -> new ShardGauges(tags.and("shard", shardId), shard, registry))
                .update(shard));
    }
}
