package dev.millrace.testkit.kinesis.model;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.service.HashKeyRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One shard and its records. Guarded by the {@link Account}. */
final class Shard {

    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final String id;
    private final List<Shard> parents;
    private final HashKeyRange range;
    private final Instant opened;
    private final long openedSecond;
    private final SequenceNumbers numbers;
    private final ReadLimits limits = new ReadLimits();
    private final List<StoredRecord> records = new ArrayList<>();
    /** Index of the first record that is kept; records count from 1. */
    private long first = 1;

    private @Nullable Instant closed;

    private Shard(int index, List<Shard> parents, HashKeyRange range, Instant opened, long openedSecond) {
        this.id = String.format(Locale.ROOT, "shardId-%012d", index);
        this.parents = parents;
        this.range = range;
        this.opened = opened;
        this.openedSecond = openedSecond;
        this.numbers = new SequenceNumbers(openedSecond, index);
    }

    /** A shard created with its stream. */
    static Shard root(int index, HashKeyRange range, Instant now) {
        return new Shard(index, List.of(), range, now, now.getEpochSecond());
    }

    /** A shard that follows one parent after a split, or two after a merge. */
    static Shard child(int index, List<Shard> parents, HashKeyRange range, Instant now) {
        long second = now.getEpochSecond();
        for (Shard parent : parents) {
            // Also where the clock stands still, or went back.
            second = Math.max(second, parent.openedSecond + 1);
        }
        return new Shard(index, List.copyOf(parents), range, now, second);
    }

    String id() {
        return id;
    }

    HashKeyRange range() {
        return range;
    }

    ReadLimits limits() {
        return limits;
    }

    boolean isOpen() {
        return closed == null;
    }

    boolean hasParent(Shard other) {
        return parents.contains(other);
    }

    boolean wasOpenAt(Instant time) {
        return !opened.isAfter(time) && (closed == null || closed.isAfter(time));
    }

    boolean wasOpenAfter(Instant time) {
        return closed == null || closed.isAfter(time);
    }

    ShardDescription describe() {
        return new ShardDescription(
                id,
                parents.isEmpty() ? null : parents.get(0).id,
                parents.size() < 2 ? null : parents.get(1).id,
                range,
                numbers.first(),
                closed == null ? null : numbers.last());
    }

    void close(Instant now) {
        closed = now;
    }

    // ---- records ----

    StoredRecord append(String partitionKey, Payload data, Instant arrival) {
        String number = numbers.of(next(), arrival);
        StoredRecord stored = new StoredRecord(number, arrival, partitionKey, data);
        records.add(stored);
        return stored;
    }

    /** Index of the record that will come next. */
    long next() {
        return first + records.size();
    }

    /** Index of the oldest record that is kept. */
    long oldest() {
        return first;
    }

    /** Index of the first record that arrived at this time or later. */
    long at(Instant time) {
        for (int i = 0; i < records.size(); i++) {
            if (!records.get(i).arrival().isBefore(time)) {
                return first + i;
            }
        }
        return next();
    }

    /** Index of the record of this sequence number; nothing when the number is of another shard. */
    OptionalLong indexOf(String sequenceNumber) {
        return numbers.index(sequenceNumber);
    }

    /** The sequence number of the record of this index, or one that such a record could have. */
    String number(long index, Instant now) {
        boolean kept = index >= first && index < next();
        return kept ? records.get((int) (index - first)).sequenceNumber() : numbers.of(index, now);
    }

    List<StoredRecord> records() {
        return List.copyOf(records);
    }

    /**
     * Reads on.
     *
     * @param from index; the oldest kept record when that one is gone
     * @param maximumBytes at least one record is read, however large
     */
    ReadResult read(long from, int maximum, long maximumBytes, Instant now) {
        int begin = (int) (Math.clamp(from, first, Math.max(first, next())) - first);
        int end = begin;
        long bytes = 0;
        while (end < records.size() && end - begin < maximum) {
            bytes += records.get(end).size();
            if (bytes > maximumBytes && end > begin) {
                break;
            }
            end++;
        }
        return new ReadResult(
                records.subList(begin, end),
                Math.max(from, first + end),
                behind(begin, end, now),
                closed != null && end == records.size());
    }

    private Duration behind(int begin, int end, Instant now) {
        if (end == records.size()) {
            return Duration.ZERO;
        }
        Instant arrival = records.get(end > begin ? end - 1 : end).arrival();
        Duration age = Duration.between(arrival, now);
        // Only the tip is zero milliseconds behind.
        return age.compareTo(MILLISECOND) < 0 ? MILLISECOND : age;
    }

    /** Forgets the records up to and with this index. */
    void trim(long upTo) {
        int count = Math.clamp(upTo + 1 - first, 0, records.size());
        records.subList(0, count).clear();
        first += count;
    }

    /** Forgets the records that arrived before this time, up to the first that did not. */
    void trimBefore(Instant time) {
        int count = 0;
        while (count < records.size() && records.get(count).arrival().isBefore(time)) {
            count++;
        }
        trim(first + count - 1);
    }

    /** Whether the shard is closed and keeps no record. */
    boolean isSpent() {
        return closed != null && records.isEmpty();
    }

    /** Whether the shard was closed before this time and keeps no record. */
    boolean wasSpentBefore(Instant time) {
        return isSpent() && !wasOpenAfter(time);
    }
}
