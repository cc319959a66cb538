package dev.millrace.kinesis;

import dev.millrace.invoke.Backoff;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * When a shard may be subscribed to again, by how the subscriptions before went. Owned by the shard's reader.
 *
 * <p>That a connection was cut looks to the SDK's caller like the end of the subscription. What tells them apart is time: a
 * subscription ends after 5 minutes, and before that only together with the shard, which an event says.
 */
final class SubscriptionPace {

    /** Kinesis refuses another subscription of the same consumer and shard for so long (spec 3.1). */
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    /** How long a subscription lasts (spec 3.1), less some seconds for the way to it. */
    private static final Duration LIFE = Duration.ofMinutes(5).minusSeconds(15);

    /** What breaks off again and again is mended by people; asking more often only fills logs. */
    private static final Backoff AFTER_BREAK = new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1));

    /** One that lives this long is neither cut each time nor one of two readers that take a consumer from each other. */
    private static final Duration HEALTHY = Duration.ofMinutes(1);

    /**
     * After a restart the subscription of the process before is there for some seconds, and networks cut a connection now
     * and then; only what lasts is told.
     */
    private static final int MOST_QUIET_BREAKS = 2;

    private final LongSupplier nanoTime;
    private long begun;
    private long due;
    private int breaks;

    /** The first subscription may be tried at once. */
    SubscriptionPace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.due = begun;
    }

    /** When the next one may be tried, by the clock. */
    long due() {
        return due;
    }

    /** Whether that is so already. */
    boolean isDue() {
        return nanoTime.getAsLong() - due >= 0;
    }

    /** One is tried, or has been accepted. */
    void begins() {
        begun = nanoTime.getAsLong();
        due = begun + BETWEEN.toNanos();
    }

    /** The one that there is has brought something. */
    void brings() {
        if (age() > HEALTHY.toNanos()) {
            breaks = 0;
        }
    }

    /** Whether the end of the one that there was came before its time. */
    boolean endsEarly() {
        return age() < LIFE.toNanos();
    }

    /** One was refused or has broken off: the next has to wait, longer each time. */
    void breaks() {
        breaks++;
        long backoff = nanoTime.getAsLong()
                + AFTER_BREAK.pause(breaks, ThreadLocalRandom.current()).toNanos();
        due = backoff - due > 0 ? backoff : due;
    }

    /** How many did so in a row. */
    int breaksInARow() {
        return breaks;
    }

    /** Whether that is usual still. */
    boolean isQuiet() {
        return breaks <= MOST_QUIET_BREAKS;
    }

    private long age() {
        return nanoTime.getAsLong() - begun;
    }
}
