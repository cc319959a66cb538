package dev.millrace.stream;

import static dev.millrace.stream.Records.filtered;
import static dev.millrace.stream.Records.lanes;
import static dev.millrace.stream.Records.number;
import static dev.millrace.stream.Records.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CheckpointTrackerTest {

    @Test
    void staysBelowTheFirstUnsettledRecord() {
        CheckpointTracker tracker = new CheckpointTracker(lanes(1), ShardCheckpoint.NONE);
        for (int number = 1; number <= 3; number++) {
            assertThat(tracker.track(record(number))).isEqualTo(OptionalInt.of(0));
        }
        assertThat(tracker.checkpoint(null)).isEqualTo(ShardCheckpoint.NONE);
        assertThat(tracker.held()).isEqualTo(3);

        tracker.settled(0, SequenceNumber.of("2"));
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("2"));
        assertThat(tracker.checkpoint(null).ahead()).isEmpty();
        assertThat(tracker.held()).isEqualTo(1);
    }

    @Test
    void passesFilteredRecordsAtOnce() {
        CheckpointTracker tracker = new CheckpointTracker(lanes(1), ShardCheckpoint.NONE);
        assertThat(tracker.track(filtered(1))).isEmpty();
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("1"));

        tracker.track(record(2));
        tracker.track(filtered(3));
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("1"));
        tracker.settled(0, SequenceNumber.of("2"));
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("3"));
    }

    @Test
    void doesNotTrackARecordTwice() {
        CheckpointTracker tracker = new CheckpointTracker(lanes(1), ShardCheckpoint.NONE);
        assertThat(tracker.track(record(2))).isPresent();
        assertThat(tracker.track(record(2))).isEmpty();
        assertThat(tracker.track(record(1))).isEmpty();
        assertThat(tracker.held()).isEqualTo(1);
    }

    @Test
    void neverGoesBack() {
        CheckpointTracker tracker = new CheckpointTracker(lanes(1), ShardCheckpoint.NONE);
        tracker.track(record(1));
        tracker.settled(0, SequenceNumber.of("1"));

        assertThatThrownBy(() -> tracker.settled(0, SequenceNumber.of("1")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Each restart beside a lane that stands still would add one otherwise. */
    @Test
    void remembersOneSetOfMarksForEachFactor() {
        ShardCheckpoint stored = ShardCheckpoint.NONE;
        for (int settled = 2; settled < 9; settled++) {
            CheckpointTracker tracker = new CheckpointTracker(lanes(settled == 5 ? 3 : 2), stored);
            tracker.track(record(1, KEYS_OF_TWO.get(0)));
            for (int number = 2; number < 9; number++) {
                StreamRecord record = record(number, KEYS_OF_TWO.get(1));
                int upTo = settled;
                tracker.track(record).ifPresent(lane -> {
                    if (number(record) <= upTo) {
                        tracker.settled(lane, record.sequenceNumber());
                    }
                });
            }
            stored = tracker.checkpoint(null);
            assertThat(stored.ahead().stream().map(ahead -> ahead.marks().size()))
                    .as("after " + settled)
                    .doesNotHaveDuplicates();
            assertThat(stored.covers(record(settled, KEYS_OF_TWO.get(1)))).isTrue();
            assertThat(stored.covers(record(settled + 1, KEYS_OF_TWO.get(1)))).isFalse();
            assertThat(stored.covers(record(1, KEYS_OF_TWO.get(0)))).isFalse();
        }
    }

    /** A key of lane 0 and one of lane 1 of two, which are apart with three lanes as well. */
    private static final List<String> KEYS_OF_TWO = keysApart();

    private static List<String> keysApart() {
        String first = "key-0";
        for (int i = 1; ; i++) {
            String other = "key-" + i;
            if (Lanes.of(first, 2) != Lanes.of(other, 2) && Lanes.of(first, 3) != Lanes.of(other, 3)) {
                return List.of(first, other);
            }
        }
    }

    private static StreamRecord numbered(String number, String key) {
        return new StreamRecord(SequenceNumber.of(number), key, Records.START, Payload.EMPTY, true);
    }

    private static CheckpointTracker tracker(Keying keying, ShardCheckpoint from) {
        return new CheckpointTracker(new Lanes(2, keying), from);
    }

    /**
     * An aggregate waits in one lane, and a later record is settled in the other. Unpacked, the aggregate has records of that
     * lane, which nobody has seen.
     */
    @Test
    void lanesOfWholeRecordsSayNothingAboutUnpackedOnes() {
        String slow = KEYS_OF_TWO.get(0);
        String fast = KEYS_OF_TWO.get(1);
        CheckpointTracker whole = tracker(Keying.WHOLE, ShardCheckpoint.NONE);
        assertThat(whole.track(numbered("1", slow))).isPresent();
        int lane = whole.track(numbered("2", fast)).orElseThrow();
        whole.settled(lane, SequenceNumber.of("2"));
        ShardCheckpoint stored = whole.checkpoint(null);
        assertThat(stored.covers(numbered("2", fast))).isTrue();

        CheckpointTracker unpacked = tracker(Keying.UNPACKED, stored);

        assertThat(unpacked.track(numbered("1:1", fast))).hasValue(lane);
        assertThat(unpacked.track(numbered("2", fast)))
                .as("again, after the earlier one of its key")
                .hasValue(lane);
        unpacked.settled(lane, SequenceNumber.of("1:1"));
        assertThat(unpacked.checkpoint(null).ahead()).isEmpty();
        assertThat(unpacked.checkpoint(null).position()).isEqualTo(SequenceNumber.of("1:1"));
        assertThat(tracker(Keying.WHOLE, stored).track(numbered("2", fast)))
                .as("nothing is stored yet: these keys still know their lanes")
                .isEmpty();
    }

    @Test
    void lanesOfUnpackedRecordsSayNothingAboutWholeOnes() {
        String slow = KEYS_OF_TWO.get(0);
        String fast = KEYS_OF_TWO.get(1);
        CheckpointTracker unpacked = tracker(Keying.UNPACKED, ShardCheckpoint.NONE);
        unpacked.track(numbered("1:1", slow));
        int lane = unpacked.track(numbered("1:2", fast)).orElseThrow();
        unpacked.settled(lane, SequenceNumber.of("1:2"));

        CheckpointTracker whole = tracker(Keying.WHOLE, unpacked.checkpoint(null));

        assertThat(whole.track(numbered("1", fast))).isPresent();
    }

    @Test
    void aPositionMeansTheSameWhetherRecordsAreUnpackedOrNot() {
        ShardCheckpoint whole = new ShardCheckpoint(SequenceNumber.of("5"), null, List.of());
        assertThat(whole.covers(numbered("5:1", "key"))).isTrue();
        assertThat(tracker(Keying.UNPACKED, whole).track(numbered("5:1", "key")))
                .as("all of the record is settled")
                .isEmpty();

        ShardCheckpoint inside = new ShardCheckpoint(SequenceNumber.of("5:1"), null, List.of());
        assertThat(inside.covers(numbered("5", "key"))).isFalse();
        CheckpointTracker tracker = tracker(Keying.WHOLE, inside);
        assertThat(tracker.track(numbered("5:1", "key"))).isEmpty();
        int lane = tracker.track(numbered("5", "key")).orElseThrow();
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("5:1"));
        tracker.settled(lane, SequenceNumber.of("5"));
        assertThat(tracker.checkpoint(null).position()).isEqualTo(SequenceNumber.of("5"));
    }

    /** The source has lost its place and begins at its oldest record: the whole record's parts are being processed. */
    @Test
    void aWholeRecordIsNotTrackedAfterItsParts() {
        CheckpointTracker tracker =
                tracker(Keying.WHOLE, new ShardCheckpoint(SequenceNumber.of("5:1"), null, List.of()));
        assertThat(tracker.track(numbered("5:2", "key"))).isPresent();

        assertThat(tracker.track(numbered("5", "key"))).isEmpty();
    }

    /**
     * Random runs over restarts with changing parallelization factors: a restart processes exactly the records that were
     * not settled, and the position is never beyond one of them.
     */
    @Test
    void aRestartProcessesWhatWasNotSettledAndNothingElse() {
        for (long seed = 1; seed <= 500; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            List<StreamRecord> shard = new ArrayList<>();
            for (int number = 1; number <= 60; number++) {
                shard.add(record(number, "key-" + random.nextInt(20)));
            }
            TreeSet<Integer> unsettled = new TreeSet<>();
            shard.forEach(record -> unsettled.add(number(record)));
            ShardCheckpoint stored = ShardCheckpoint.NONE;
            for (int run = 0; run < 6; run++) {
                stored = run(shard, unsettled, stored, random);
                SequenceNumber position = stored.position();
                int settledTo = position == null ? 0 : Integer.parseInt(position.toString());
                assertThat(unsettled.headSet(settledTo, true))
                        .as("seed " + seed)
                        .isEmpty();
            }
        }
    }

    private static ShardCheckpoint run(
            List<StreamRecord> shard, NavigableSet<Integer> unsettled, ShardCheckpoint start, RandomGenerator random) {
        int factor = 1 + random.nextInt(10);
        CheckpointTracker tracker = new CheckpointTracker(lanes(factor), start);
        List<Deque<StreamRecord>> lanes = new ArrayList<>();
        for (int lane = 0; lane < factor; lane++) {
            lanes.add(new ArrayDeque<>());
        }
        TreeSet<Integer> processed = new TreeSet<>();
        SequenceNumber position = start.position();
        for (StreamRecord record : shard) {
            if (position == null || record.sequenceNumber().isAfter(position)) {
                tracker.track(record).ifPresent(lane -> {
                    lanes.get(lane).add(record);
                    processed.add(number(record));
                });
            }
        }
        assertThat(processed).isEqualTo(unsettled);
        for (int step = random.nextInt(20); step > 0; step--) {
            int lane = random.nextInt(factor);
            int count = Math.min(1 + random.nextInt(4), lanes.get(lane).size());
            @Nullable StreamRecord last = null;
            for (int i = 0; i < count; i++) {
                last = lanes.get(lane).remove();
                unsettled.remove(number(last));
            }
            if (last != null) {
                tracker.settled(lane, last.sequenceNumber());
            }
        }
        return tracker.checkpoint(null);
    }
}
