package dev.millrace.testkit.dynamodb.model;

import dev.millrace.testkit.service.HashKeyRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One shard and its records. Guarded by its {@link ChangeStream}. */
final class Shard {

    private static final long OPEN = Long.MAX_VALUE;

    private final String id;
    private final @Nullable String parent;
    private final HashKeyRange range;
    /** Position that its first record may have. */
    private final long starting;

    private final List<StoredChange> records = new ArrayList<>();
    /** Position of the oldest record that may be kept. */
    private long horizon;
    /** Position of the last record that it may have. */
    private long ending = OPEN;

    private Instant closed = Instant.MAX;
    private boolean listed = true;

    /**
     * @param number of this shard in its stream: shards are listed in this order
     * @param starting position that its first record may have
     */
    Shard(int number, @Nullable Shard parent, HashKeyRange range, Instant opened, long starting) {
        this.id = String.format(Locale.ROOT, "shardId-%020d-%08x", opened.toEpochMilli(), number);
        this.parent = parent == null ? null : parent.id;
        this.range = range;
        this.starting = starting;
        this.horizon = starting;
    }

    String id() {
        return id;
    }

    HashKeyRange range() {
        return range;
    }

    boolean isOpen() {
        return ending == OPEN;
    }

    boolean isListed() {
        return listed;
    }

    void list(boolean on) {
        listed = on;
    }

    boolean follows(String shardId) {
        return shardId.equals(parent);
    }

    ShardDescription describe() {
        return new ShardDescription(
                id, parent, SequenceNumbers.print(starting), isOpen() ? null : SequenceNumbers.print(ending));
    }

    /** @param last position of the stream's last record, on whichever shard */
    void close(long last, Instant now) {
        // Also a shard without a record has a number of its own.
        ending = Math.max(starting, last);
        closed = now;
    }

    // ---- records ----

    void append(StoredChange change) {
        records.add(change);
    }

    List<StoredChange> records() {
        return List.copyOf(records);
    }

    /** Position of the oldest record that is kept, or will come. */
    long oldest() {
        return horizon;
    }

    /** Position behind the last record. */
    long latest() {
        return records.isEmpty() ? horizon : records.getLast().position() + 1;
    }

    /** Whether a record of this position, if there was one, may be kept still. */
    boolean keeps(long position) {
        return position >= horizon;
    }

    /** Whether a number of this position can be one of this shard. */
    boolean covers(long position) {
        return position >= starting && position <= ending;
    }

    /**
     * Reads on.
     *
     * @param from position
     * @param maximumBytes at least one record is read, however large
     */
    ChangeRead read(long from, int maximum, long maximumBytes) {
        int begin = 0;
        while (begin < records.size() && records.get(begin).position() < from) {
            begin++;
        }
        int end = begin;
        long bytes = 0;
        while (end < records.size() && end - begin < maximum) {
            bytes += records.get(end).size();
            if (bytes > maximumBytes && end > begin) {
                break;
            }
            end++;
        }
        long next = end == begin ? from : records.get(end - 1).position() + 1;
        return new ChangeRead(records.subList(begin, end), next, !isOpen() && end == records.size());
    }

    /** Forgets the records up to and with this position. */
    void trim(long upTo) {
        records.removeIf(record -> record.position() <= upTo);
        horizon = Math.max(horizon, upTo + 1);
    }

    /** Forgets the records of before this time, up to the first that is not. */
    void trimBefore(Instant time) {
        long upTo = -1;
        for (StoredChange record : records) {
            if (!record.change().time().isBefore(time)) {
                break;
            }
            upTo = record.position();
        }
        if (upTo >= 0) {
            trim(upTo);
        }
    }

    /** Whether the shard was closed before this time and keeps no record. */
    boolean wasSpentBefore(Instant time) {
        return closed.isBefore(time) && records.isEmpty();
    }
}
