package dev.millrace.checkpoint;

import dev.millrace.source.Keying;

/**
 * How a shard's records are spread over lanes. Part of the checkpoint's format: a restart computes the same lanes as the run
 * before it, so this must never change.
 *
 * @param count the {@code ParallelizationFactor}, 1 to 10
 * @param keying which keys of records are meant
 */
public record Lanes(int count, Keying keying) {

    /** Spreads keys that differ in their last characters only (Fibonacci hashing). */
    private static final int SPREAD = 0x9E37_79B9;

    private static final int HIGH_BITS = 16;

    /**
     * The lane of a key.
     *
     * @param count 1 to 10
     * @return 0 to {@code count - 1}
     */
    public static int of(String key, int count) {
        int spread = key.hashCode() * SPREAD;
        return Math.floorMod(spread ^ (spread >>> HIGH_BITS), count);
    }
}
