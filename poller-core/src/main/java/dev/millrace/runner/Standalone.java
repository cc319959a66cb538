package dev.millrace.runner;

import dev.millrace.coordination.Placement;
import dev.millrace.coordination.PlacementProvider.PlacementFactory;
import dev.millrace.coordination.PlacementProvider.Placements;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;

/** One node, which has every shard: {@code Coordination: {Mode: Standalone}}. */
public record Standalone() implements PlacementFactory, Placements {

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public String node() {
        return "only";
    }

    @Override
    public Placements open() {
        return this;
    }

    @Override
    public Placement place(UUID mapping, InstantSource clock) {
        return new LocalPlacement();
    }

    @Override
    public void close() {}
}
