package dev.millrace.runner;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import dev.millrace.coordination.Placement;
import dev.millrace.coordination.PlacementProvider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;

/** One node, which has every shard: {@code Coordination: {Mode: Standalone}}. */
public final class Standalone implements PlacementProvider {

    /** The mode without which there is a section {@code Coordination}. */
    public static final String MODE = "Standalone";

    @Override
    public String mode() {
        return MODE;
    }

    @Override
    public PlacementFactory configure(Section coordination, AwsSettings aws, Duration handOver) {
        return new OneNode();
    }

    private record OneNode() implements PlacementFactory, Placements {

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
}
