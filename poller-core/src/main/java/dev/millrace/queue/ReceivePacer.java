package dev.millrace.queue;

import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** How many long polls to keep open, and how long to leave a queue alone that cannot be read. */
final class ReceivePacer {

    /** Pause after a long poll that came back empty at once, as some servers do: keeps the loop from spinning. */
    private static final Duration AFTER_SHORT_POLL = Duration.ofMillis(250);
    /** No queue needs more long polls at a time to keep the highest concurrency fed. */
    private static final int MOST_RECEIVES = 1_250;

    private final int minimum;
    private final RandomGenerator random;
    private int wanted;
    private int failures;
    private Instant pausedUntil = Instant.MIN;

    ReceivePacer(int minimum, RandomGenerator random) {
        this.minimum = minimum;
        this.wanted = minimum;
        this.random = random;
    }

    /** Long polls to keep open at this time. */
    int wanted(Instant now) {
        return now.isBefore(pausedUntil) ? 0 : wanted;
    }

    /** When receiving goes on; long past when it is not paused. */
    Instant pausedUntil() {
        return pausedUntil;
    }

    /**
     * A long poll came back.
     *
     * @param full it brought as many messages as asked for, so there are probably more
     * @param early it came back empty long before its wait time was over
     */
    void received(int messages, boolean full, boolean early, Instant now) {
        failures = 0;
        if (full) {
            wanted = Math.min(MOST_RECEIVES, wanted + 1);
        } else if (messages == 0) {
            wanted = Math.max(minimum, wanted - 1);
            if (early) {
                pausedUntil = now.plus(AFTER_SHORT_POLL);
            }
        }
    }

    /**
     * A call to the queue failed. Calls that were in flight together and fail together count as one failure.
     *
     * @return how long the queue is left alone
     */
    Duration failed(SourceProblem problem, Instant now) {
        if (failures > 0 && now.isBefore(pausedUntil)) {
            return Duration.between(now, pausedUntil);
        }
        failures++;
        wanted = minimum;
        Duration pause = problem.kind().pauses().pause(failures, random);
        pausedUntil = now.plus(pause);
        return pause;
    }
}
