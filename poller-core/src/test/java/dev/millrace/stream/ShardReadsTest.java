package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static dev.millrace.stream.Records.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.stream.ShardNotice.Gap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShardReadsTest {

    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration LATENCY = Duration.ofMillis(300);
    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final ReadPacing PACING =
            new ReadPacing(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(9));

    private final ShardReads reads = reads(null);

    private static ShardReads reads(@Nullable Instant readUpTo) {
        return new ShardReads(PACING, new SplittableRandom(1), OLDEST, readUpTo);
    }

    private static ShardRead tip(StreamRecord... records) {
        return new ShardRead(List.of(records), Duration.ZERO, null);
    }

    private static ShardRead behind(Duration behind, StreamRecord... records) {
        return new ShardRead(List.of(records), behind, null);
    }

    private static Optional<Gap> answer(ShardReads reads, Instant started, ShardRead read) {
        reads.start(1, 10, 1_000_000, started);
        return reads.answered(1, read, DAY, started.plus(LATENCY));
    }

    private static SourceProblem problem(Kind kind) {
        return new SourceProblem(kind, "no");
    }

    // ---- when ----

    @Test
    void pacesByTheStartsOfReads() {
        assertThat(reads.isDue(START)).isTrue();
        reads.start(1, 10, 1_000_000, START);
        assertThat(reads.next()).as("one read at a time").isEqualTo(Instant.MAX);
        assertThat(reads.isDue(START.plusSeconds(60))).isFalse();

        reads.answered(1, behind(Duration.ofMillis(1), record(1)), DAY, START.plusMillis(50));
        assertThat(reads.next()).isEqualTo(START.plusMillis(200));
        answer(reads, START.plusMillis(200), tip(record(2)));
        assertThat(reads.next()).isEqualTo(START.plusMillis(1_200));
    }

    @Test
    void takesAnEmptyReadForTheTipWhereTheSourceDoesNotTell() {
        answer(reads, START, new ShardRead(List.of(), null, null));
        assertThat(reads.next()).isEqualTo(START.plusSeconds(1));
        answer(reads, START, new ShardRead(List.of(record(1)), null, null));
        assertThat(reads.next()).isEqualTo(START.plusMillis(200));
        assertThat(reads.behindLatest()).isNull();
        answer(reads, START, behind(Duration.ofSeconds(3)));
        assertThat(reads.behindLatest()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void waitsLongerWithEachFailureButTriesAnExpiredIteratorOnceAtOnce() {
        reads.start(1, 1, 1, START);
        assertThat(reads.failed(1, problem(Kind.EXPIRED_ITERATOR), START.plusSeconds(1)))
                .isZero();
        assertThat(reads.problem()).isEqualTo(problem(Kind.EXPIRED_ITERATOR));
        reads.start(2, 1, 1, START.plusSeconds(1));
        assertThat(reads.failed(2, problem(Kind.EXPIRED_ITERATOR), START.plusSeconds(2)))
                .isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
        reads.start(3, 1, 1, START.plusSeconds(3));
        assertThat(reads.failed(3, problem(Kind.ACCESS_DENIED), START.plusSeconds(4)))
                .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));

        answer(reads, START.plusSeconds(20), tip());
        assertThat(reads.problem()).isNull();
        reads.start(4, 1, 1, START.plusSeconds(30));
        assertThat(reads.failed(4, problem(Kind.THROTTLED), START.plusSeconds(30)))
                .as("not before the pace allows it")
                .isEqualTo(Duration.ofMillis(200));
        assertThatThrownBy(() -> reads.failed(4, problem(Kind.THROTTLED), START))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reportsTroubleOnceAMinuteAndItsEnd() {
        assertThat(reads.recovered()).isFalse();
        assertThat(reads.reports(problem(Kind.THROTTLED), START)).isTrue();
        assertThat(reads.reports(problem(Kind.THROTTLED), START.plusSeconds(59)))
                .isFalse();
        assertThat(reads.reports(problem(Kind.UNAVAILABLE), START.plusSeconds(59)))
                .isTrue();
        assertThat(reads.reports(problem(Kind.UNAVAILABLE), START.plusSeconds(119)))
                .isTrue();
        assertThat(reads.recovered()).isTrue();
        assertThat(reads.recovered()).isFalse();
    }

    // ---- where and how much ----

    @Test
    void goesOnBehindTheLastRecord() {
        assertThat(reads.start(1, 10, 1, START).from()).isEqualTo(OLDEST);
        reads.answered(1, tip(record(7), record(9)), DAY, START);
        assertThat(reads.from()).isEqualTo(new ReadPosition.After(SequenceNumber.of("9")));
        answer(reads, START, tip());
        assertThat(reads.from()).isEqualTo(new ReadPosition.After(SequenceNumber.of("9")));
    }

    @Test
    void asksForWhatThereIsRoomForByTheSizeOfTheLastRecords() {
        assertThat(reads.start(1, 50, 1L << 30, START).maximum()).isEqualTo(50);
        reads.answered(1, tip(), DAY, START);
        assertThat(reads.start(2, 50_000, 1L << 30, START).maximum()).isEqualTo(10_000);
        reads.answered(2, tip(), DAY, START);
        assertThat(reads.start(3, 50, 2_048 * 3, START).maximum())
                .as("two kilobytes each at first")
                .isEqualTo(3);
        reads.answered(3, tip(Records.sized(1, 100), Records.sized(2, 300)), DAY, START);
        assertThat(reads.start(4, 50, 1_000, START).maximum()).isEqualTo(5);
        reads.answered(4, tip(), DAY, START);
        assertThat(reads.start(5, 50, -1, START).maximum()).isEqualTo(1);
    }

    @Test
    void endsWithTheShard() {
        reads.start(1, 10, 1, START);
        assertThat(reads.children()).isNull();
        StreamShard child = new StreamShard("child", List.of("shard"), false);
        reads.answered(1, new ShardRead(List.of(record(1)), null, List.of(child)), DAY, START);

        assertThat(reads.atEnd()).isTrue();
        assertThat(reads.children()).containsExactly(child);
        assertThat(reads.next()).isEqualTo(Instant.MAX);
    }

    @Test
    void theReadInFlightDoesNotMatterWhenTheShardIsGone() {
        reads.start(1, 10, 1, START);
        assertThat(reads.isInFlight(1)).isTrue();
        reads.end();
        assertThat(reads.isInFlight(1)).isFalse();
        assertThat(reads.atEnd()).isTrue();
    }

    // ---- gaps (ADR 0018) ----

    @Test
    void hasReadUpToTheStartOfTheReadLessHowFarItIsBehind() {
        answer(reads, START, behind(Duration.ofMinutes(3), record(1, "k", START.minusSeconds(200))));
        assertThat(reads.readUpTo()).isEqualTo(START.minus(Duration.ofMinutes(3)));
        answer(reads, START, behind(Duration.ofMinutes(4), record(2, "k", START.minusSeconds(300))));
        assertThat(reads.readUpTo()).as("never goes back").isEqualTo(START.minus(Duration.ofMinutes(3)));
        answer(reads, START.plusSeconds(1), new ShardRead(List.of(), null, null));
        assertThat(reads.readUpTo()).isEqualTo(START.minus(Duration.ofMinutes(3)));
        answer(reads, START.plusSeconds(1), new ShardRead(List.of(record(3, "k", START)), null, null));
        assertThat(reads.readUpTo()).as("the last record's arrival").isEqualTo(START);
    }

    @Test
    void whatLayReadySaysNothingOfTheTimeSinceThen() {
        Instant later = START.plus(Duration.ofHours(1));
        answer(reads, later, new ShardRead(List.of(), Duration.ZERO, null, Duration.ofHours(1)));
        assertThat(reads.readUpTo()).isEqualTo(START);
        answer(reads, later, new ShardRead(List.of(), Duration.ofMinutes(2), null, Duration.ofMinutes(10)));
        assertThat(reads.readUpTo()).isEqualTo(START.plus(Duration.ofMinutes(48)));
        StreamRecord last = record(1, "k", START.plus(Duration.ofMinutes(50)));
        answer(reads, later, new ShardRead(List.of(last), Duration.ZERO, null, Duration.ofHours(1)));
        assertThat(reads.readUpTo()).as("the last record's arrival").isEqualTo(last.arrival());
        StreamRecord ahead = record(2, "k", later.plusSeconds(5));
        answer(reads, later, new ShardRead(List.of(ahead), Duration.ZERO, null, Duration.ofHours(1)));
        assertThat(reads.readUpTo()).as("the source's clock is ahead").isEqualTo(later);
    }

    /** A subscription had pushed it before the shard stood still for a day. */
    @Test
    void whatLayReadyHidesNoGapBehindIt() {
        ShardReads blocked = reads(START);
        Instant now = START.plus(DAY).plusSeconds(60);
        StreamRecord pushed = record(1, "k", START.plusSeconds(5));
        assertThat(answer(blocked, now, new ShardRead(List.of(pushed), Duration.ZERO, null, DAY.plusSeconds(60))))
                .isEmpty();

        assertThat(answer(blocked, now.plusSeconds(1), tip(record(9, "k", now))))
                .hasValueSatisfying(gap -> assertThat(gap.from()).isEqualTo(pushed.arrival()));
    }

    @Test
    void tellsAGapWhenNothingWasReadForLongerThanTheRetention() {
        Instant now = START.plus(DAY).plusSeconds(60);
        ShardReads late = reads(START);
        late.start(1, 10, 1, now);
        Gap gap = late.answered(1, tip(record(5, "k", now.minusSeconds(60))), DAY, now.plus(LATENCY))
                .orElseThrow();

        assertThat(gap.from()).isEqualTo(START);
        assertThat(gap.to()).isEqualTo(now.plus(LATENCY).minus(DAY));
        assertThat(gap.detail()).contains("24 hours");
    }

    @Test
    void tellsNoGapWithinTheRetentionOrWhenNothingIsKnown() {
        Instant now = START.plus(DAY);
        assertThat(answer(reads(START.plus(LATENCY)), now, tip())).isEmpty();
        assertThat(answer(reads(null), now.plus(DAY), tip())).isEmpty();
        ShardReads unknown = reads(START);
        unknown.start(1, 10, 1, now.plus(DAY));
        assertThat(unknown.answered(1, tip(), null, now.plus(DAY))).isEmpty();
    }

    /** The source may keep records for longer than it says: then nothing is lost. */
    @Test
    void tellsNoGapWhenTheFirstRecordIsOlderThanTheRetention() {
        Instant now = START.plus(DAY).plusSeconds(60);

        assertThat(answer(reads(START), now, tip(record(5, "k", START.plusSeconds(59)))))
                .isEmpty();
        // Not yet too old when the read began: while the answer was on its way it became so, which says nothing.
        assertThat(answer(reads(START), now, tip(record(5, "k", START.plusSeconds(60)))))
                .isPresent();
    }

    @Test
    void anEmptyReadTellsAGapWhenItIsPastTheRetention() {
        Instant now = START.plus(DAY).plusSeconds(60);

        assertThat(answer(reads(START), now, behind(DAY.plusMillis(1))))
                .as("old records may follow")
                .isEmpty();
        assertThat(answer(reads(START), now, behind(DAY))).isPresent();
        assertThat(answer(reads(START), now, tip())).isPresent();
        assertThat(answer(reads(START), now, new ShardRead(List.of(), null, null)))
                .as("the source does not say where it is")
                .isEmpty();
        assertThat(answer(reads(START), now, new ShardRead(List.of(), null, List.of())))
                .as("nothing follows")
                .isPresent();
    }

    /** Where it is, is not known then but that it is not younger than what the source drops. */
    @Test
    void anEmptyReadOnTheWayToTheOldestRecordIsNoPlaceToMissRecordsBehind() {
        assertThat(answer(reads, START, behind(DAY.plusMinutes(1)))).isEmpty();
        assertThat(reads.readUpTo()).isNull();
        Instant next = START.plusMillis(500);
        StreamRecord oldest = record(1, "k", START.minus(Duration.ofHours(5)));
        assertThat(answer(reads, next, behind(Duration.ofHours(5), oldest))).isEmpty();
        assertThat(reads.readUpTo()).isEqualTo(next.minus(Duration.ofHours(5)));

        ShardReads late = reads(START.minus(DAY).minusMillis(1));
        assertThat(answer(late, START, behind(DAY.plusMinutes(1)))).isEmpty();
        assertThat(answer(late, START, tip(record(1, "k", START))))
                .as("something was known")
                .isPresent();
    }

    @Test
    void goesOnAtTheOldestRecordWhenThePositionIsTrimmed() {
        answer(reads, START, tip(record(1)));
        reads.start(2, 10, 1, START);
        reads.failed(2, problem(Kind.TRIMMED), START);

        Gap gap = reads.trimmed(problem(Kind.TRIMMED)).orElseThrow();
        assertThat(gap.from()).isEqualTo(START);
        assertThat(gap.to()).isNull();
        assertThat(reads.from()).isEqualTo(OLDEST);
        assertThat(reads.readUpTo()).isNull();
        assertThat(reads.trimmed(problem(Kind.TRIMMED))).as("told already").isEmpty();
    }
}
