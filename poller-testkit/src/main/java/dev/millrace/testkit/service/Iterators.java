package dev.millrace.testkit.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;

/** The life of the shard iterators that a server gives out; it keeps none. Thread-safe. */
public final class Iterators {

    private final Clock clock;
    private final AtomicInteger generation = new AtomicInteger();

    public Iterators(Clock clock) {
        this.clock = clock;
    }

    /** Makes every iterator that was given out unusable. */
    public void expireAll() {
        generation.incrementAndGet();
    }

    /**
     * A shard iterator as clients see it.
     *
     * @param streamCreated tells a stream from an earlier one of its name
     * @param index of the record that the next read begins with
     */
    public String issue(String stream, Instant streamCreated, String shardId, long index) {
        return new IteratorToken(stream, streamCreated, shardId, index, clock.instant(), generation.get()).print();
    }

    /** Refuses an iterator that is older than its life, or that was made unusable. */
    public void requireFresh(IteratorToken token, Duration life) {
        Instant now = clock.instant();
        if (token.generation() != generation.get() || now.isAfter(token.issued().plus(life))) {
            throw new Refusal(
                    400,
                    "ExpiredIteratorException",
                    "Iterator expired. The iterator was created at time " + Date.from(token.issued())
                            + " while right now it is " + Date.from(now)
                            + " which is further in the future than the tolerated delay of " + life.toMillis()
                            + " milliseconds.");
        }
    }
}
