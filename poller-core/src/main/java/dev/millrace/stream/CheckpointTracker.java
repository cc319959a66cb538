package dev.millrace.stream;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.source.Keying;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which records of a shard are settled. Records are tracked in the order of the shard; lanes settle theirs in order each,
 * but at their own pace. The checkpoint's position is the highest record below which nothing is unsettled; what lanes have
 * settled beyond it is remembered beside it, so that a restart does not repeat it. Only unsettled records take up memory:
 * a lane that stands still does not make the others' progress cost more.
 */
final class CheckpointTracker {

    /**
     * A record that is not settled.
     *
     * @param before the record that the shard has before it, whosever it is: the position while this one is the oldest
     */
    private record Unsettled(
            SequenceNumber number, @Nullable SequenceNumber before, Instant arrival) {}

    private final List<Deque<Unsettled>> lanes = new ArrayList<>();
    private final @Nullable SequenceNumber[] marks;
    private final Keying keying;
    /** What a run before this one settled beyond its position, by the same keys. */
    private List<Ahead> earlier;

    private final @Nullable SequenceNumber start;
    private @Nullable SequenceNumber last;
    private int held;

    /**
     * Goes on from a checkpoint. Marks of other keys are forgotten: what they say is settled may come again, which is better
     * than to take for settled what is not.
     */
    CheckpointTracker(Lanes spread, ShardCheckpoint from) {
        this.marks = new SequenceNumber[spread.count()];
        this.keying = spread.keying();
        for (int i = 0; i < spread.count(); i++) {
            lanes.add(new ArrayDeque<>());
        }
        this.start = from.position();
        this.last = start;
        this.earlier = from.under(keying).ahead();
    }

    /**
     * Takes in the next record of the shard; the order is the shard's.
     *
     * @return its lane; empty when there is nothing to do for it: the filters refuse it, it has been tracked
     *     before, or an earlier run has settled it
     */
    OptionalInt track(StreamRecord record) {
        SequenceNumber before = last;
        if (before != null && isBehind(before, record.sequenceNumber())) {
            return OptionalInt.empty();
        }
        last = record.sequenceNumber();
        if (!record.matched() || isSettledEarlier(record)) {
            return OptionalInt.empty();
        }
        int lane = Lanes.of(record.key(), lanes.size());
        lanes.get(lane).add(new Unsettled(record.sequenceNumber(), before, record.arrival()));
        held++;
        return OptionalInt.of(lane);
    }

    /**
     * Whether the shard has been tracked beyond the record, which is read again, such as from the oldest record on. A whole
     * record is not done with when the run begins inside of it.
     */
    private boolean isBehind(SequenceNumber reached, SequenceNumber number) {
        return reached.includes(number) || !(Objects.equals(reached, start) || number.isAfter(reached));
    }

    private boolean isSettledEarlier(StreamRecord record) {
        for (Ahead ahead : earlier) {
            if (ahead.covers(record)) {
                return true;
            }
        }
        return false;
    }

    /** Everything of this lane up to and with this record is settled. */
    void settled(int lane, SequenceNumber upTo) {
        Deque<Unsettled> unsettled = lanes.get(lane);
        int before = unsettled.size();
        while (!unsettled.isEmpty() && !unsettled.peek().number().isAfter(upTo)) {
            unsettled.remove();
        }
        if (unsettled.size() == before) {
            throw new IllegalArgumentException("lane " + lane + " has nothing unsettled up to " + upTo);
        }
        held -= before - unsettled.size();
        marks[lane] = upTo;
    }

    /** Records that are not settled. */
    int held() {
        return held;
    }

    /**
     * What a restart may rely on.
     *
     * @param readUpTo everything that arrived before this time has been tracked; null when nothing is known
     */
    ShardCheckpoint checkpoint(@Nullable Instant readUpTo) {
        Unsettled oldest = oldest();
        SequenceNumber position = oldest == null ? last : oldest.before();
        earlier = earlier.stream().filter(ahead -> ahead.isBeyond(position)).toList();
        List<Ahead> ahead = with(earlier, new Ahead(keying, Arrays.asList(marks)), position);
        Instant upTo =
                oldest != null && readUpTo != null && oldest.arrival().isBefore(readUpTo) ? oldest.arrival() : readUpTo;
        return new ShardCheckpoint(position, upTo, ahead);
    }

    /** One for each parallelization factor at most, so that restarts beside a lane that stands still do not add up. */
    private static List<Ahead> with(List<Ahead> earlier, Ahead now, @Nullable SequenceNumber position) {
        Ahead all = now;
        List<Ahead> others = new ArrayList<>();
        for (Ahead ahead : earlier) {
            if (ahead.marks().size() == now.marks().size()) {
                all = all.and(ahead);
            } else {
                others.add(ahead);
            }
        }
        if (all.isBeyond(position)) {
            others.add(all);
        }
        return others;
    }

    private @Nullable Unsettled oldest() {
        Unsettled oldest = null;
        for (Deque<Unsettled> unsettled : lanes) {
            Unsettled head = unsettled.peek();
            if (head != null && (oldest == null || oldest.number().isAfter(head.number()))) {
                oldest = head;
            }
        }
        return oldest;
    }
}
