package dev.millrace.runner;

import dev.millrace.invoke.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before something that died of a defect is started again. Owned by the thread that starts it. */
final class Crashes {

    private static final Backoff RESTART = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));
    /** What lived this long was healthy; the next crash counts as the first. */
    private static final Duration HEALTHY = Duration.ofMinutes(5);

    private int crashes;

    /** It died; answers the pause. */
    Duration pause(Instant began, Instant died) {
        boolean wasHealthy = Duration.between(began, died).compareTo(HEALTHY) > 0;
        crashes = wasHealthy ? 1 : crashes + 1;
        return RESTART.pause(crashes, ThreadLocalRandom.current());
    }
}
