package dev.millrace.daemon.it.traffic;

import dev.millrace.testkit.guarantee.AtLeastOnce;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.Sent;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Sends records and changes shards, again and again. Runs on one thread at a time. */
public final class Traffic {

    public static final Duration BETWEEN_SENDS = Duration.ofMillis(40);

    private static final int RECORDS_AT_ONCE = 12;
    private static final int KEYS = 40;
    /** The sender waits when so many records are owed, so that every record is at risk. */
    private static final int MOST_OWED = 300;

    private final Ledger ledger;
    private final AtLeastOnce atLeastOnce;
    private final Feed feed;
    private final Random random;
    private final int reshardOneIn;
    private int count;
    private volatile int reshards;
    private volatile @Nullable RuntimeException failure;

    /** @param reshardOneIn one send in so many is followed by a change of shards */
    public Traffic(Ledger ledger, AtLeastOnce atLeastOnce, Feed feed, Random random, int reshardOneIn) {
        this.random = random;
        this.reshardOneIn = reshardOneIn;
        this.ledger = ledger;
        this.atLeastOnce = atLeastOnce;
        this.feed = feed;
    }

    public void send() {
        try {
            if (ledger.read(atLeastOnce::owed) >= MOST_OWED) {
                return;
            }
            for (int i = 0; i < RECORDS_AT_ONCE; i++) {
                put("key-" + random.nextInt(KEYS));
            }
            if (random.nextInt(reshardOneIn) == 0) {
                reshard();
                // The children of what is not read to its end end, too.
                put("key-" + random.nextInt(KEYS));
                if (random.nextBoolean()) {
                    reshard();
                }
            }
        } catch (RuntimeException e) {
            failure = e;
            report("sending ends: " + e);
            throw e;
        }
    }

    private void put(String key) {
        count++;
        Feed.Write next = feed.next(key, count);
        ledger.sent(new Sent(next.id(), key));
        next.make().run();
    }

    @SuppressWarnings({"NonAtomicOperationOnVolatileField", "NonAtomicVolatileUpdate"
    }) // One thread writes, another one reads in the end.
    private void reshard() {
        feed.reshard();
        reshards++;
    }

    public int reshards() {
        return reshards;
    }

    public void rethrow() {
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    @SuppressWarnings("SystemOut") // Tests that wait for what does not come say nothing of it for long.
    private static void report(String text) {
        System.out.println("[TRAFFIC] " + text);
    }
}
