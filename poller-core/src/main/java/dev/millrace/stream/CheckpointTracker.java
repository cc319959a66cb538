package dev.millrace.stream;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which records of a shard are settled. Records are tracked in the order of the shard; lanes settle theirs in order each,
 * but at their own pace. The checkpoint's position is the highest record below which nothing is unsettled; what lanes have
 * settled beyond it is remembered beside it, so that a restart does not repeat it.
 */
final class CheckpointTracker {

    /** The lane of records that need no lane: settled as soon as they are tracked. */
    private static final int NO_LANE = -1;

    private record Tracked(SequenceNumber number, int lane) {}

    private final int lanes;
    private final Deque<Tracked> unsettled = new ArrayDeque<>();
    private final @Nullable SequenceNumber[] marks;
    /** What a run before this one settled beyond its position. */
    private List<Ahead> earlier;

    private @Nullable SequenceNumber position;

    /**
     * Goes on from a checkpoint.
     *
     * @param lanes parallelization factor, 1 to 10
     */
    CheckpointTracker(int lanes, ShardCheckpoint start) {
        this.lanes = lanes;
        this.marks = new SequenceNumber[lanes];
        this.position = start.position();
        this.earlier = start.ahead();
    }

    /**
     * Takes in the next record of the shard; the order is the shard's.
     *
     * @return its lane; empty when there is nothing to do for it: the filters refuse it or an earlier run has settled it
     */
    OptionalInt track(StreamRecord record) {
        boolean settled = !record.matched() || earlier.stream().anyMatch(ahead -> ahead.covers(record));
        int lane = settled ? NO_LANE : Lanes.of(record.key(), lanes);
        unsettled.add(new Tracked(record.sequenceNumber(), lane));
        advance();
        return settled ? OptionalInt.empty() : OptionalInt.of(lane);
    }

    /** Everything of this lane up to and with this record is settled. */
    void settled(int lane, SequenceNumber upTo) {
        SequenceNumber mark = marks[lane];
        if (mark != null && !upTo.isAfter(mark)) {
            throw new IllegalArgumentException("lane " + lane + " is settled up to " + mark + " already, not " + upTo);
        }
        marks[lane] = upTo;
        advance();
    }

    private void advance() {
        for (Tracked next = unsettled.peek(); next != null && isSettled(next); next = unsettled.peek()) {
            position = next.number();
            unsettled.remove();
        }
        if (!earlier.isEmpty()) {
            earlier = earlier.stream().filter(ahead -> ahead.isBeyond(position)).toList();
        }
    }

    private boolean isSettled(Tracked tracked) {
        if (tracked.lane() == NO_LANE) {
            return true;
        }
        SequenceNumber mark = marks[tracked.lane()];
        return mark != null && !tracked.number().isAfter(mark);
    }

    /** Records that keep the position where it is, and those behind them. */
    int held() {
        return unsettled.size();
    }

    /** What a restart may rely on. */
    ShardCheckpoint checkpoint() {
        List<Ahead> ahead = new ArrayList<>(earlier);
        Ahead now = new Ahead(Arrays.asList(marks));
        if (now.isBeyond(position)) {
            ahead.add(now);
        }
        return new ShardCheckpoint(position, null, ahead);
    }
}
