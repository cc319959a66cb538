package dev.millrace.daemon.config;

import dev.millrace.coordination.PlacementProvider.PlacementFactory;

/**
 * How the shards of streams are shared among nodes.
 *
 * @param mode one node has all of them, or several share them
 * @param factory places them
 */
public record CoordinationSettings(Mode mode, PlacementFactory factory) {

    /** The values of {@code Coordination.Mode}. */
    public enum Mode {
        STANDALONE,
        KCL
    }
}
