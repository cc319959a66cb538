package dev.millrace.stream;

import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A shard as its source keeps it: every record that ever was, of which the retention leaves the younger ones. */
final class SimulatedShard {

    /**
     * What a read sees.
     *
     * @param next index of the record that follows what it has seen
     */
    record Seen(ShardRead read, int next) {}

    /**
     * How the source behaves.
     *
     * @param announcesTrimming it says when a position is trimmed, as DynamoDB Streams does; otherwise it reads on
     * @param tellsBehind it tells how far behind a read is
     */
    record Source(Duration retention, boolean announcesTrimming, boolean tellsBehind) {}

    final String id;
    final List<String> parents;
    final NavigableSet<String> keys;
    /** As the present run sees them: those that are packed are unpacked, or not. */
    final List<StreamRecord> records = new ArrayList<>();

    private final IdentityHashMap<StreamRecord, Integer> indices = new IdentityHashMap<>();
    private final List<Sent> sent = new ArrayList<>();
    /** By index of a record: the first of its grains, which are the same for all runs: what cannot be unpacked further. */
    private final List<Integer> grains = new ArrayList<>(List.of(0));

    private Keying keying = Keying.WHOLE;
    private @Nullable SequenceNumber begunAt;
    private final Source source;

    /** The source does not know the shard any more. */
    boolean gone;

    /** Null while the shard is open. */
    private @Nullable List<StreamShard> children;

    SimulatedShard(String id, List<String> parents, NavigableSet<String> keys, Source source) {
        this.id = id;
        this.parents = List.copyOf(parents);
        this.keys = keys;
        this.source = source;
    }

    /** A record as it was sent, and what is packed into it, if anything. */
    private record Sent(StreamRecord whole, List<StreamRecord> packed) {}

    void add(StreamRecord record) {
        add(record, List.of());
    }

    void add(StreamRecord record, List<StreamRecord> packed) {
        Sent added = new Sent(record, packed);
        sent.add(added);
        show(added);
    }

    /** A run begins, which sees records by these keys, from this position on; null for the oldest. */
    void seenBy(Keying by, @Nullable SequenceNumber from) {
        keying = by;
        begunAt = from;
        records.clear();
        indices.clear();
        grains.subList(1, grains.size()).clear();
        sent.forEach(this::show);
    }

    private void show(Sent one) {
        // What was begun unpacked is ended unpacked.
        boolean inside = begunAt != null
                && begunAt.sub() > 0
                && begunAt.isSameRecord(one.whole().sequenceNumber());
        boolean unpacks = !one.packed().isEmpty() && (inside || keying == Keying.UNPACKED);
        int size = unpacks ? 1 : Math.max(1, one.packed().size());
        for (StreamRecord record : unpacks ? one.packed() : List.of(one.whole())) {
            indices.put(record, records.size());
            records.add(record);
            grains.add(grains.getLast() + size);
        }
    }

    /** The first grain of the record with this index, or of the one that will be next. */
    int grain(int index) {
        return grains.get(index);
    }

    /** Whether the record comes after this position: nothing of a record comes after the whole of it. */
    static boolean isAfter(StreamRecord record, SequenceNumber position) {
        SequenceNumber number = record.sequenceNumber();
        boolean ofWhole = position.sub() == 0 && position.isSameRecord(number);
        return !ofWhole && number.isAfter(position);
    }

    int index(StreamRecord record) {
        return Objects.requireNonNull(indices.get(record));
    }

    void close(List<StreamShard> followedBy) {
        children = followedBy;
    }

    boolean isOpen() {
        return children == null;
    }

    StreamShard listed() {
        return new StreamShard(id, parents, !isOpen());
    }

    /** The first record that the source still has. */
    int oldest(Instant now) {
        Instant horizon = now.minus(source.retention());
        int low = 0;
        int high = records.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (records.get(middle).arrival().isBefore(horizon)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int indexOf(ReadPosition from) {
        return switch (from) {
            case ReadPosition.TrimHorizon _ -> 0;
            case ReadPosition.AtTimestamp(var time) ->
                first(record -> !record.arrival().isBefore(time));
            case ReadPosition.After(var number) -> first(record -> isAfter(record, number));
        };
    }

    private int first(java.util.function.Predicate<StreamRecord> holds) {
        for (int i = 0; i < records.size(); i++) {
            if (holds.test(records.get(i))) {
                return i;
            }
        }
        return records.size();
    }

    /** Empty when the source says that what follows the position is gone. */
    Optional<Seen> read(ReadPosition from, int maximum, Instant now) {
        int wanted = indexOf(from);
        int start = Math.max(wanted, oldest(now));
        if (start > wanted && source.announcesTrimming() && from instanceof ReadPosition.After) {
            return Optional.empty();
        }
        int end = Math.min(records.size(), start + maximum);
        boolean atEnd = end == records.size() && children != null;
        return Optional.of(seen(start, end, atEnd ? children : null, now));
    }

    /** A read that brings nothing although records may follow. */
    Seen nothing(ReadPosition from, Instant now) {
        int start = Math.max(indexOf(from), oldest(now));
        return seen(start, start, null, now);
    }

    private Seen seen(int start, int end, @Nullable List<StreamShard> followedBy, Instant now) {
        Duration behind = Duration.ZERO;
        if (end < records.size()) {
            Duration age = Duration.between(records.get(end).arrival(), now);
            behind = age.isZero() ? Duration.ofMillis(1) : age;
        }
        ShardRead read = new ShardRead(records.subList(start, end), source.tellsBehind() ? behind : null, followedBy);
        return new Seen(read, end);
    }
}
