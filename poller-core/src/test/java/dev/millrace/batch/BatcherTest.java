package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatcherTest {

    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final long LIMIT = RecordsEvent.MAXIMUM_BYTES;

    @Test
    void closesWithTheRecordThatReachesBatchSize() {
        Batcher<Long> batcher = batcher(3);

        assertThat(batcher.add(1L, T0)).isEmpty();
        assertThat(batcher.add(2L, T0)).isEmpty();
        assertThat(batcher.add(3L, T0)).contains(List.of(1L, 2L, 3L));
        assertThat(batcher.size()).isZero();
        assertThat(batcher.deadline()).isEmpty();
    }

    @Test
    void closesAtOnceWithBatchSizeOne() {
        assertThat(batcher(1).add(1L, T0)).contains(List.of(1L));
    }

    @Test
    void windowRunsFromTheFirstRecordOfTheBatch() {
        Batcher<Long> batcher = batcher(10);
        batcher.add(1L, T0);
        batcher.add(2L, T0.plusSeconds(3));

        assertThat(batcher.deadline()).contains(T0.plus(WINDOW));
        assertThat(batcher.closeIfDue(T0.plus(WINDOW).minusNanos(1))).isEmpty();
        assertThat(batcher.closeIfDue(T0.plus(WINDOW))).contains(List.of(1L, 2L));
        assertThat(batcher.closeIfDue(T0.plusSeconds(60)))
                .as("an empty window closes nothing")
                .isEmpty();
    }

    @Test
    void windowCanOnlyBeShortened() {
        Batcher<Long> batcher = batcher(10);
        batcher.add(1L, T0);
        batcher.closeBy(T0.plusSeconds(9));
        assertThat(batcher.deadline()).contains(T0.plus(WINDOW));

        batcher.closeBy(T0.plusSeconds(2));
        assertThat(batcher.deadline()).contains(T0.plusSeconds(2));
    }

    @Test
    void fillsTheEventToTheLastByteAndOpensTheNextBatchWithTheSurplus() {
        Batcher<Long> batcher = batcher(10);
        long first = 1_000_000;
        long exactlyTheRest = LIMIT - RecordsEvent.FRAME_BYTES - first - RecordsEvent.SEPARATOR_BYTES;

        assertThat(batcher.add(first, T0)).isEmpty();
        assertThat(batcher.add(exactlyTheRest, T0)).isEmpty();
        assertThat(batcher.add(1L, T0.plusSeconds(1))).contains(List.of(first, exactlyTheRest));
        assertThat(batcher.deadline()).contains(T0.plusSeconds(1).plus(WINDOW));
        assertThat(batcher.close()).contains(List.of(1L));
    }

    @Test
    void countsASeparatorBeforeEveryRecordButTheFirst() {
        Batcher<Long> batcher = batcher(10);
        long rest = LIMIT - RecordsEvent.FRAME_BYTES - 2 * RecordsEvent.SEPARATOR_BYTES - 2;

        batcher.add(1L, T0);
        batcher.add(1L, T0);
        assertThat(batcher.add(rest, T0)).isEmpty();
        assertThat(batcher.size()).isEqualTo(3);
        assertThat(batcher.close()).contains(List.of(1L, 1L, rest));
        assertThat(batcher.size()).isZero();

        batcher.add(1L, T0);
        batcher.add(1L, T0);
        assertThat(batcher.add(rest + 1, T0)).contains(List.of(1L, 1L));
    }

    @Test
    void oneByteTooManyGoesIntoTheNextBatch() {
        Batcher<Long> batcher = batcher(10);
        long first = 1_000_000;
        long oneTooMany = LIMIT - RecordsEvent.FRAME_BYTES - first - RecordsEvent.SEPARATOR_BYTES + 1;

        batcher.add(first, T0);
        assertThat(batcher.add(oneTooMany, T0)).contains(List.of(first));
    }

    @Test
    void knowsARecordThatNoEventCanCarry() {
        assertThat(batcher(10).fits(LIMIT - RecordsEvent.FRAME_BYTES)).isTrue();
        assertThat(batcher(10).fits(LIMIT - RecordsEvent.FRAME_BYTES + 1)).isFalse();
    }

    @Test
    void countsTheBytesThatTheEventReallyHas() {
        Payload record = Payload.ofText("{\"body\":\"ü\"}");
        for (int count : List.of(1, 2, 7)) {
            long counted =
                    RecordsEvent.FRAME_BYTES + count * record.size() + (count - 1) * RecordsEvent.SEPARATOR_BYTES;
            Payload event = RecordsEvent.of(Collections.nCopies(count, record));
            assertThat(event.size()).isEqualTo(counted);
            assertThat(event.bytes()).hasSize((int) counted);
        }
        assertThat(RecordsEvent.of(List.of(record, record)).text())
                .isEqualTo("{\"Records\":[{\"body\":\"ü\"},{\"body\":\"ü\"}]}");
    }

    private static Batcher<Long> batcher(int batchSize) {
        return new Batcher<>(batchSize, WINDOW, size -> size);
    }
}
