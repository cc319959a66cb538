package dev.millrace.aws.stream;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer of the source on its way to the reader's caller, in as many pieces as the caller's maximum asks for. Owned by
 * its reader.
 */
public final class ShardAnswer {

    /** An answer of which more is to come has not reached the tip, whatever it said. */
    private static final Duration NOT_AT_TIP = Duration.ofMillis(1);

    private final List<StreamRecord> records;
    private final @Nullable Duration behindLatest;
    private final @Nullable List<StreamShard> children;
    private final long since;
    private int handedOut;

    /**
     * An answer; for the other arguments see {@link ShardRead}.
     *
     * @param since the source has not made it before this, by the reader's clock
     */
    public ShardAnswer(
            List<StreamRecord> records,
            @Nullable Duration behindLatest,
            @Nullable List<StreamShard> children,
            long since) {
        this.records = records;
        this.behindLatest = behindLatest;
        this.children = children;
        this.since = since;
    }

    /**
     * The next records, at most this many.
     *
     * @param now by the reader's clock
     */
    public ShardRead take(int maximum, long now) {
        Duration age = Duration.ofNanos(Math.max(0, now - since));
        int end = Math.min(records.size(), handedOut + maximum);
        List<StreamRecord> piece = records.subList(handedOut, end);
        handedOut = end;
        if (isTaken()) {
            return new ShardRead(piece, behindLatest, children, age);
        }
        Duration behind = behindLatest == null || behindLatest.isZero() ? NOT_AT_TIP : behindLatest;
        return new ShardRead(piece, behind, null, age);
    }

    /** Whether nothing is left. */
    public boolean isTaken() {
        return handedOut == records.size();
    }

    /** The place behind this read of the place {@code from}. */
    public static ReadPosition after(ReadPosition from, ShardRead read) {
        return read.records().isEmpty()
                ? from
                : new ReadPosition.After(read.records().getLast().sequenceNumber());
    }
}
