package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static dev.millrace.stream.Records.range;
import static dev.millrace.stream.Records.record;
import static dev.millrace.stream.Records.sized;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.invoke.Payload;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a batch is closed (spec 2). */
class CollectorTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final Lane lane = new Lane(0);

    private static Collector collector(Duration window, Duration age, @Nullable TumblingWindow tumbling) {
        FailureRules rules = ShardDriver.rules(-1, age, false);
        return new Collector(
                new ShardPolicy(
                        3,
                        window,
                        Duration.ZERO,
                        Records.lanes(1),
                        rules,
                        null,
                        ShardScript.PACING,
                        10_000,
                        SavePace.LOCAL),
                tumbling);
    }

    private static Collector collector(Duration window) {
        return collector(window, Duration.ZERO, null);
    }

    private void add(StreamRecord... records) {
        for (StreamRecord record : records) {
            lane.add(record, START);
        }
    }

    private String collect(Collector collector, Instant now) {
        return collector
                .collect(lane, false, false, now)
                .map(CollectorTest::text)
                .orElse("nothing");
    }

    private static String text(StreamBatch batch) {
        return batch.isEmpty() ? "end of window" : range(batch);
    }

    @Test
    void withoutAWindowItTakesWhatIsThere() {
        assertThat(collect(collector(Duration.ZERO), START)).isEqualTo("nothing");
        assertThat(collector(Duration.ZERO).closesAt(lane)).isEqualTo(Instant.MAX);
        add(record(1), record(2));
        assertThat(collector(Duration.ZERO).closesAt(lane)).isEqualTo(Instant.MIN);
        assertThat(collect(collector(Duration.ZERO), START)).isEqualTo("1-2");
        assertThat(lane.waiting()).isZero();
    }

    @Test
    void theWindowEndsABatch() {
        add(record(1));
        Collector collector = collector(WINDOW);
        assertThat(collector.closesAt(lane)).isEqualTo(START.plus(WINDOW));
        assertThat(collect(collector, START.plus(WINDOW).minusMillis(1))).isEqualTo("nothing");
        assertThat(collect(collector, START.plus(WINDOW))).isEqualTo("1");
    }

    @Test
    void batchSizeEndsABatchBeforeTheWindow() {
        add(record(1), record(2));
        assertThat(collect(collector(WINDOW), START)).isEqualTo("nothing");
        add(record(3), record(4));
        assertThat(collect(collector(WINDOW), START)).isEqualTo("1-3");
        assertThat(lane.waiting()).isEqualTo(1);
    }

    @Test
    void theLargestEventEndsABatchBeforeTheWindow() {
        int most = (int) (RecordsEvent.MAXIMUM_BYTES - RecordsEvent.FRAME_BYTES);
        add(sized(1, 1_000), sized(2, most - 1_001));
        assertThat(collect(collector(WINDOW), START)).as("fits exactly").isEqualTo("nothing");
        add(sized(3, 1));
        assertThat(collect(collector(WINDOW), START)).isEqualTo("1-2");
        assertThat(collect(collector(Duration.ZERO), START)).isEqualTo("3");
    }

    @Test
    void aRecordThatFitsIntoNoEventIsABatchOfItsOwn() {
        int most = (int) (RecordsEvent.MAXIMUM_BYTES - RecordsEvent.FRAME_BYTES);
        Collector collector = collector(WINDOW);
        assertThat(collector.fits(List.of(sized(1, most)))).isTrue();
        assertThat(collector.fits(List.of(sized(1, most + 1)))).isFalse();
        assertThat(collector.fits(List.of(sized(1, most - 1), sized(2, 1)))).isFalse();
        assertThat(collector.fits(List.of(sized(1, most - 2), sized(2, 1)))).isTrue();

        add(sized(1, most + 1), sized(2, 1));
        assertThat(collect(collector, START)).isEqualTo("1");
    }

    @Test
    void theEndOfTheShardAndALackOfRoomEndABatch() {
        add(record(1));
        assertThat(collector(WINDOW).collect(lane, true, false, START)).isPresent();
        add(record(2));
        assertThat(collector(WINDOW).collect(lane, false, true, START)).isPresent();
        assertThat(collector(WINDOW).collect(lane, true, true, START)).isEmpty();
    }

    /** ADR 0017: a window longer than the age would discard everything. */
    @Test
    void theWindowEndsASecondBeforeItsFirstRecordIsTooOld() {
        add(record(1), record(2, "key", START.minusSeconds(50)));
        Collector collector = collector(Duration.ofSeconds(300), Duration.ofSeconds(60), null);
        assertThat(collector.closesAt(lane)).isEqualTo(START.plusSeconds(59));
        assertThat(collector(WINDOW, Duration.ofSeconds(60), null).closesAt(lane))
                .isEqualTo(START.plus(WINDOW));
    }

    /** Spec 2.1: it starts as soon as the previous invocation completes. */
    @Test
    void theWindowStartsWhenTheBatchBeforeIsSettled() {
        add(record(1), record(2));
        lane.begin(collector(Duration.ZERO).collect(lane, false, false, START).orElseThrow());
        add(record(3));
        lane.replaceHead(List.of(), START.plusSeconds(4));
        assertThat(collector(WINDOW).closesAt(lane)).isEqualTo(START.plusSeconds(14));
    }

    @Test
    void theWindowStartsWithTheFirstRecordWhenItHasEndedWithoutAny() {
        lane.begin(Records.batch(1, 2));
        lane.replaceHead(List.of(), START.minusSeconds(8));
        add(record(3));
        assertThat(collector(WINDOW).closesAt(lane)).as("two seconds are left").isEqualTo(START.plusSeconds(2));

        Lane idle = new Lane(0);
        idle.begin(Records.batch(1, 2));
        idle.replaceHead(List.of(), START.minusSeconds(11));
        idle.add(record(3), START);
        assertThat(collector(WINDOW).closesAt(idle)).isEqualTo(START.plus(WINDOW));
    }

    // ---- tumbling windows (spec 5) ----

    private static StreamRecord at(int number, long second) {
        return record(number, "key", START.plusSeconds(second));
    }

    @Test
    void noBatchStraddlesTumblingWindows() {
        TumblingWindow tumbling = new TumblingWindow(Duration.ofMinutes(1), null, START);
        Collector collector = collector(WINDOW, Duration.ZERO, tumbling);
        add(at(1, 0), at(2, 59));
        assertThat(collect(collector, START)).isEqualTo("nothing");
        add(at(3, 60));
        assertThat(collect(collector, START))
                .as("the next window's first record is there")
                .isEqualTo("1-2");
        tumbling.answered(Payload.ofText("{}"));
        assertThat(collect(collector, START)).isEqualTo("end of window");
        tumbling.close();
        assertThat(collect(collector, START)).isEqualTo("nothing");
        assertThat(collect(collector, START.plus(WINDOW))).isEqualTo("3");
    }

    @Test
    void aWindowEndsInQuietAtTheTimeThatIsTold() {
        TumblingWindow tumbling = new TumblingWindow(Duration.ofMinutes(1), null, START);
        Collector collector = collector(Duration.ZERO, Duration.ZERO, tumbling);
        add(at(1, 0));
        assertThat(collect(collector, START)).isEqualTo("1");
        tumbling.answered(Payload.ofText("{}"));

        assertThat(collector.closesAt(lane)).isEqualTo(START.plusSeconds(120));
        assertThat(collect(collector, START.plusSeconds(119))).isEqualTo("nothing");
        assertThat(collect(collector, START.plusSeconds(120))).isEqualTo("end of window");
    }

    @Test
    void theStateTakesItsShareOfTheEvent() {
        TumblingWindow tumbling = new TumblingWindow(Duration.ofMinutes(1), null, START);
        Collector collector = collector(WINDOW, Duration.ZERO, tumbling);
        int most = (int) (RecordsEvent.MAXIMUM_BYTES - RecordsEvent.FRAME_BYTES) - 1_024 - 2;
        assertThat(collector.fits(List.of(sized(1, most)))).isTrue();
        assertThat(collector.fits(List.of(sized(1, most + 1)))).isFalse();
        tumbling.open(at(1, 0));
        tumbling.answered(Payload.of(new byte[1_000]));
        assertThat(collector.fits(List.of(sized(1, most - 998)))).isTrue();
        assertThat(collector.fits(List.of(sized(1, most - 997)))).isFalse();
    }
}
