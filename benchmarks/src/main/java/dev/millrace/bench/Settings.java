package dev.millrace.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How to measure.
 *
 * @param warmup from a peer's start to the begin of the window, at least
 * @param warmupMessages how many messages a peer must have processed before the throughput window begins, so that a JVM's
 *     compiler is done even when it was slow; a peer gets {@link #MAX_WARMUP_FACTOR} times {@code warmup} for it
 * @param window how long to measure
 * @param repeats how often each peer gets its turn
 * @param concurrency batches at a time
 * @param jvmOptions for every Java peer, the daemon included
 * @param directory where logs, generated configurations and reports go
 */
record Settings(
        Duration warmup,
        long warmupMessages,
        Duration window,
        int repeats,
        int concurrency,
        List<String> jvmOptions,
        Path directory) {
    static final int MAX_WARMUP_FACTOR = 4;

    Settings {
        jvmOptions = List.copyOf(jvmOptions);
    }

    Path log(String name, int round) {
        return directory.resolve("bench-logs").resolve(name.replace(':', '-') + "-" + round + ".log");
    }
}
