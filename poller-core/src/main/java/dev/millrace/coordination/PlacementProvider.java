package dev.millrace.coordination;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;

/**
 * Makes placements that share shards among several nodes: what {@code Coordination.Mode: Kcl} means. Found by {@link
 * java.util.ServiceLoader}.
 */
public interface PlacementProvider {

    /**
     * Reads the section {@code Coordination}, apart from its {@code Mode}. Called while the configuration is read, also by
     * {@code millrace validate}: must not connect, start or create anything. Wrong values are added to the section's
     * problems; the answer is then never used.
     *
     * @param handOver how long a shard may take to let go when another node is to have it: {@code Shutdown.DeadlineSeconds}
     */
    PlacementFactory configure(Section coordination, AwsSettings aws, Duration handOver);

    /** How shards are placed, before anything is opened. */
    interface PlacementFactory {

        /** The section with its defaults, as the effective configuration shows it. */
        Map<String, Object> settings();

        /** How this node is called among the others. The same at each call. */
        String node();

        /** Called once per start of the daemon, when a stream is to be polled; must not wait for anything. */
        Placements open();
    }

    /** Makes the placements of a daemon's mappings, which it closes before this. Thread-safe. */
    interface Placements extends AutoCloseable {

        /** One for the mapping; called once each time that it is opened. */
        Placement place(UUID mapping, InstantSource clock);

        @Override
        void close();
    }
}
