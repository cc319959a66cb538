package dev.millrace.bench.server;

import java.util.Arrays;

/** Every delay from a message's becoming visible to its arrival at the function. Confined to the loop's thread. */
final class DelayLog {
    /** Ten minutes at 1,000 messages per second; delays beyond it are counted as lost instead of overwriting others. */
    private static final int MAX_DELAYS = 600_000;

    private final int[] micros = new int[MAX_DELAYS];
    private int count;
    private long lost;

    void add(long delayMicros) {
        if (count == MAX_DELAYS) {
            lost++;
        } else {
            micros[count++] = (int) Math.min(delayMicros, Integer.MAX_VALUE);
        }
    }

    void clear() {
        count = 0;
        lost = 0;
    }

    /** Counts and percentiles in microseconds. */
    String toJson() {
        int[] sorted = Arrays.copyOf(micros, count);
        Arrays.sort(sorted);
        return "\"delays\":" + count + ",\"delaysLost\":" + lost + ",\"p50\":" + percentile(sorted, 50) + ",\"p90\":"
                + percentile(sorted, 90) + ",\"p99\":" + percentile(sorted, 99) + ",\"max\":"
                + percentile(sorted, 100);
    }

    /** The smallest value that at least {@code percent} of all values do not exceed. */
    private static int percentile(int[] sorted, int percent) {
        int rank = (int) Math.ceil(sorted.length * percent / 100.0);
        return sorted.length == 0 ? 0 : sorted[Math.max(rank, 1) - 1];
    }
}
