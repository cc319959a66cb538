package dev.millrace.stream;

import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.Keying;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What became of each record of a shard, over all runs and in the present one, and in which order per key. */
final class RecordsModel {

    private final SimulatedShard shard;
    private final ReadsModel reads;

    // ---- over all runs ----

    /** Grains, which no run sees differently. */
    private final BitSet settledEver = new BitSet();
    /** Grains that were trimmed before they were read. */
    private final BitSet lost = new BitSet();

    // ---- the present run ----

    private ShardCheckpoint start;
    private final BitSet settled = new BitSet();
    private final BitSet read = new BitSet();
    private final Map<String, Deque<StreamRecord>> unsettledByKey = new HashMap<>();
    private int held;
    private long heldBytes;

    RecordsModel(SimulatedShard shard, ReadsModel reads, ShardProgress first) {
        this.shard = shard;
        this.reads = reads;
        this.start = first.checkpoint();
    }

    void begin(Keying keying, ShardCheckpoint from) {
        shard.seenBy(keying, from.position());
        start = new ShardCheckpoint(
                from.position(),
                from.upTo(),
                from.ahead().stream()
                        .filter(marks -> marks.keying().equals(keying))
                        .toList());
        settled.clear();
        read.clear();
        unsettledByKey.clear();
        held = 0;
        heldBytes = 0;
    }

    void seen(long call, SimulatedShard.Seen seen) {
        reads.seen(call, seen, this, start);
    }

    private void wasSettled(int index) {
        settledEver.set(shard.grain(index), shard.grain(index + 1));
    }

    /** Whether all of the record is settled, in this run or one before. */
    boolean isSettledEver(int index) {
        return settledEver.nextClearBit(shard.grain(index)) >= shard.grain(index + 1);
    }

    /** Trimmed before it was read; answers whether that loses something that nobody knows to be lost. */
    boolean lose(int index) {
        boolean news = !isLost(index) && !isSettledEver(index);
        lost.set(shard.grain(index), shard.grain(index + 1));
        return news;
    }

    /** Whether the record was lost, or some of it was after the rest had been settled. */
    private boolean isLost(int index) {
        boolean some = false;
        for (int grain = shard.grain(index); grain < shard.grain(index + 1); grain++) {
            some |= lost.get(grain);
            if (!lost.get(grain) && !settledEver.get(grain)) {
                return false;
            }
        }
        return some;
    }

    /** A record has been read; answers whether it has to be processed. */
    boolean came(StreamRecord record) {
        int index = shard.index(record);
        if (read.get(index) || !isBehind(record, start.position()) || index < read.length()) {
            return false;
        }
        read.set(index);
        if (!record.matched()) {
            wasSettled(index);
            settled.set(index);
            return false;
        }
        if (start.covers(record)) {
            check(isSettledEver(index), () -> "was never settled, but is not processed: " + record.sequenceNumber());
            settled.set(index);
            return false;
        }
        held++;
        heldBytes += record.json().size();
        unsettledByKey.computeIfAbsent(record.key(), _ -> new ArrayDeque<>()).add(record);
        return true;
    }

    private static boolean isBehind(StreamRecord record, @Nullable SequenceNumber position) {
        return position == null || SimulatedShard.isAfter(record, position);
    }

    private Deque<StreamRecord> unsettled(String key) {
        return Objects.requireNonNull(unsettledByKey.get(key), "nothing of the key is unsettled");
    }

    private boolean isSame(StreamRecord one, StreamRecord other) {
        return shard.index(one) == shard.index(other);
    }

    void settle(List<StreamRecord> records) {
        for (StreamRecord record : records) {
            int index = shard.index(record);
            check(!settled.get(index), () -> "settled twice: " + record.sequenceNumber());
            settled.set(index);
            wasSettled(index);
            held--;
            heldBytes -= record.json().size();
            StreamRecord oldest = unsettled(record.key()).remove();
            check(isSame(oldest, record), () -> "settled before an earlier one of its key: " + record.sequenceNumber());
        }
    }

    /** Every record comes right after the last unsettled one of its key. */
    void inKeyOrder(List<StreamRecord> records) {
        Map<String, Iterator<StreamRecord>> next = new HashMap<>();
        Set<StreamRecord> seen = new HashSet<>();
        for (StreamRecord record : records) {
            Iterator<StreamRecord> unsettled =
                    next.computeIfAbsent(record.key(), key -> unsettled(key).iterator());
            check(
                    unsettled.hasNext() && isSame(unsettled.next(), record) && seen.add(record),
                    () -> "an earlier record of its key is not settled: " + record.sequenceNumber());
        }
    }

    int held() {
        return held;
    }

    long heldBytes() {
        return heldBytes;
    }

    /** Whether more may be held. */
    boolean isRoomLeft(ShardScenario.Settings settings) {
        return held < settings.maximumRecords() && (heldBytes < settings.maximumBytes() || held == 0);
    }

    boolean isMostlyFree(ShardScenario.Settings settings) {
        return held <= settings.maximumRecords() / 4;
    }

    /**
     * What is stored covers exactly what is settled.
     *
     * @param disorder by how much arrivals may be out of order
     */
    void covered(ShardCheckpoint checkpoint, Duration disorder) {
        int unsettled = -1;
        for (int i = 0; i < shard.records.size(); i++) {
            StreamRecord record = shard.records.get(i);
            boolean known = read.get(i);
            boolean covered = checkpoint.covers(record);
            if (covered && record.matched()) {
                check(
                        isSettledEver(i) || isLost(i) || reads.mayHaveMissed(i),
                        () -> "the checkpoint covers " + record.sequenceNumber() + ", which is not settled: "
                                + checkpoint);
            }
            if (known && record.matched()) {
                check(
                        covered == settled.get(i),
                        () -> "a restart would repeat " + record.sequenceNumber() + " " + checkpoint);
            }
            if (known && !settled.get(i) && unsettled < 0) {
                unsettled = i;
            }
            Instant upTo = checkpoint.upTo();
            if (upTo != null && record.arrival().isBefore(upTo.minus(disorder)) && record.matched()) {
                check(
                        isSettledEver(i) || isLost(i) || reads.mayHaveMissed(i),
                        () -> record.sequenceNumber() + " is not settled, but " + checkpoint);
            }
        }
        int position = read.previousSetBit(unsettled < 0 ? shard.records.size() : unsettled - 1);
        SequenceNumber expected =
                position < 0 ? start.position() : shard.records.get(position).sequenceNumber();
        check(
                Objects.equals(expected, checkpoint.position()),
                () -> "position " + checkpoint.position() + " instead of " + expected);
    }

    /** Whether nothing is left to do in this run. */
    boolean allSettled() {
        for (int i = 0; i < shard.records.size(); i++) {
            boolean open = !settled.get(i) && !isLost(i) && !reads.goneUnseen(i);
            if (open && !start.covers(shard.records.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Every record of the shard has ended in some way. */
    void everythingAccountedFor() {
        if (shard.gone) {
            return;
        }
        for (int i = 0; i < shard.records.size(); i++) {
            check(
                    isSettledEver(i) || isLost(i) || reads.mayHaveMissed(i) || reads.goneUnseen(i),
                    () -> "nothing became of a record of " + shard.id);
        }
    }

    private void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(shard.id + ": " + otherwise.get());
        }
    }
}
