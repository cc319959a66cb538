package dev.millrace.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How to measure.
 *
 * @param warmup from a peer's start to the begin of the window, at least
 * @param warmupWork how many messages or records a peer must have processed before the throughput window begins, so that a
 *     JVM's compiler is done even when it was slow; a peer gets {@link #MAX_WARMUP_FACTOR} times {@code warmup} for it
 * @param window how long to measure
 * @param repeats how often each peer gets its turn
 * @param jvmOptions for every Java peer, the daemon included
 * @param directory where logs, generated configurations and reports go
 */
public record Settings(
        Duration warmup, long warmupWork, Duration window, int repeats, List<String> jvmOptions, Path directory) {
    public static final int MAX_WARMUP_FACTOR = 4;

    public Settings {
        jvmOptions = List.copyOf(jvmOptions);
    }

    /** The same with other turns and JVM options. */
    public Settings with(int newRepeats, List<String> newJvmOptions) {
        return new Settings(warmup, warmupWork, window, newRepeats, newJvmOptions, directory);
    }

    /** The same without a wait for work before the window. */
    public Settings withoutWarmupWork() {
        return new Settings(warmup, 0, window, repeats, jvmOptions, directory);
    }

    /** As captions of tables say it. */
    @Override
    public String toString() {
        return "%d s warm-up, %d s window, %d interleaved repeats; median (lowest to highest)"
                .formatted(warmup.toSeconds(), window.toSeconds(), repeats);
    }

    public Path log(String name, int round) {
        return directory.resolve("bench-logs").resolve(name.replace(':', '-') + "-" + round + ".log");
    }
}
