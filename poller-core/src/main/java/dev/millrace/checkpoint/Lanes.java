package dev.millrace.checkpoint;

/**
 * Which of a shard's {@code ParallelizationFactor} lanes a key belongs to. Part of the checkpoint's format: a restart
 * computes the same lanes as the run before it, so this must never change.
 */
public final class Lanes {

    /** Spreads keys that differ in their last characters only (Fibonacci hashing). */
    private static final int SPREAD = 0x9E37_79B9;

    private static final int HIGH_BITS = 16;

    private Lanes() {}

    /**
     * The lane of a key.
     *
     * @param factor 1 to 10
     * @return 0 to {@code factor - 1}
     */
    public static int of(String key, int factor) {
        int spread = key.hashCode() * SPREAD;
        return Math.floorMod(spread ^ (spread >>> HIGH_BITS), factor);
    }
}
