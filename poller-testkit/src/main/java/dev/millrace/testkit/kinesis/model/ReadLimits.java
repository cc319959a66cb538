package dev.millrace.testkit.kinesis.model;

import dev.millrace.testkit.service.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What Kinesis allows the readers of one shard together: 5 GetRecords calls and 2 MiB a second, and 5 GetShardIterator calls a
 * second. A read beyond 2 MiB is answered, and those after it are refused until the bytes are made up for: for 4 s after 10 MiB.
 * Guarded by the {@link Account}.
 */
final class ReadLimits {

    private static final int CALLS = 5;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long BYTES_PER_SECOND = 2 * 1024 * 1024;

    private final Deque<Instant> reads = new ArrayDeque<>(CALLS);
    private final Deque<Instant> iterators = new ArrayDeque<>(CALLS);
    private Instant readable = Instant.EPOCH;

    void admitIterator(String shardId, Instant now) {
        if (!admits(iterators, now)) {
            throw exceeded(shardId);
        }
    }

    void admitRead(String shardId, Instant now) {
        if (now.isBefore(readable.minus(SECOND)) || !admits(reads, now)) {
            throw exceeded(shardId);
        }
    }

    /** Notes what an admitted read has brought. */
    void spent(long bytes, Instant now) {
        Instant from = readable.isBefore(now) ? now : readable;
        readable = from.plusNanos(bytes * SECOND.toNanos() / BYTES_PER_SECOND);
    }

    private static boolean admits(Deque<Instant> calls, Instant now) {
        Instant oldest = calls.size() < CALLS ? null : calls.peekFirst();
        if (oldest != null && now.isBefore(oldest.plus(SECOND))) {
            return false;
        }
        if (oldest != null) {
            calls.removeFirst();
        }
        calls.addLast(now);
        return true;
    }

    private static Refusal exceeded(String shardId) {
        return Refusal.throughputExceeded("Rate exceeded for shard " + shardId + ".");
    }
}
