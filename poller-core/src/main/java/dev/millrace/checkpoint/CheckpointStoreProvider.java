package dev.millrace.checkpoint;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Opens checkpoint stores of one type. Found by {@link java.util.ServiceLoader}: a jar on the class path that names an
 * implementation in {@code META-INF/services} adds a type.
 */
public interface CheckpointStoreProvider {

    /** The value of {@code Store.Type} that selects it, such as {@code File}. */
    String type();

    /** Whether several nodes can have the store open at once, which is what nodes that share shards need. */
    boolean isShared();

    /**
     * Reads the section {@code Store}, apart from its {@code Type}. Called while the configuration is read, also by {@code
     * millrace validate}: must not connect, open or create anything. Wrong values are added to the section's problems; the
     * answer is then never used.
     */
    StoreFactory configure(Section store, AwsSettings aws);

    /** A store that has not been opened. */
    interface StoreFactory {

        /** The section with its defaults, as the effective configuration shows it. */
        Map<String, Object> settings();

        /** How often shards store their progress, so that each save is worth its price. */
        SavePace savePace();

        /** How often a node looks for changed {@link CheckpointStore#definitions()}; empty when the store holds none. */
        default Optional<Duration> definitionsEvery() {
            return Optional.empty();
        }

        /**
         * Opens the store, or creates it where there is none. Called once per start of the daemon; blocks.
         *
         * @param node how this node is called among those that share the store
         * @throws StoreException when it cannot be used: it is open already and not to be shared, damaged, not a store, of a
         *     newer version, out of reach, or not writable; it is then as it was
         */
        CheckpointStore open(String node) throws StoreException;
    }
}
