package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.VISIBILITY;
import static dev.millrace.queue.Messages.batch;
import static dev.millrace.queue.Messages.held;
import static dev.millrace.queue.Messages.heldIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchLineTest {

    private final BatchLine line = new BatchLine();

    private long takeReady() {
        return line.takeReady().map(HeldBatch::number).orElse(0L);
    }

    @Test
    void handsOutBatchesInOrderAndPartsOfASplitFirst() {
        line.add(batch(1, held("a")));
        line.add(batch(2, held("b")));
        line.addFirst(List.of(batch(3, held("c")), batch(4, held("d"))));

        assertThat(line.waiting()).isEqualTo(4);
        assertThat(List.of(takeReady(), takeReady(), takeReady(), takeReady(), takeReady()))
                .containsExactly(3L, 4L, 1L, 2L, 0L);
    }

    @Test
    void aBatchWaitsForItsMessageGroupsAndOthersGoPastIt() {
        HeldBatch first = batch(1, held("a", "x"));
        line.started(first);
        line.add(batch(2, held("b", "x"), held("c", "y")));
        line.add(batch(3, held("d", "y")));
        line.add(batch(4, held("e", "z")));

        assertThat(takeReady()).isEqualTo(4);
        assertThat(takeReady()).as("y waits behind a batch that waits").isZero();

        line.backOff(line.ended(1));
        assertThat(takeReady()).as("x backs off").isZero();

        assertThat(line.takeDue(START)).contains(first);
        assertThat(List.of(takeReady(), takeReady())).containsExactly(2L, 3L);
    }

    @Test
    void aBatchKeepsItsSlotWhileItBacksOff() {
        line.started(batch(1, held("a")));
        line.started(batch(2, held("b")));
        line.backOff(line.ended(2));
        line.add(batch(3, held("c")));

        assertThat(line.busy()).isEqualTo(2);
        assertThat(line.invocations()).isEqualTo(1);
        assertThat(line.invoking()).extracting(HeldBatch::number).containsExactly(1L);
        assertThat(line.notInvoking()).extracting(HeldBatch::number).containsExactly(2L, 3L);
        assertThat(line.isEmpty()).isFalse();
    }

    @Test
    void isEmptyOnlyWithoutBatchesOfAnyKind() {
        assertThat(line.isEmpty()).isTrue();
        line.add(batch(1, held("a")));
        assertThat(line.isEmpty()).isFalse();
        line.takeReady().ifPresent(line::started);
        assertThat(line.isEmpty()).isFalse();
        line.backOff(line.ended(1));
        assertThat(line.isEmpty()).isFalse();
        line.takeDue(START);
        assertThat(line.isEmpty()).isTrue();
    }

    @Test
    void aBatchIsDueAtItsTimeAndNotBefore() {
        HeldBatch later = batch(1, held("a"));
        later.retryAt(START.plusSeconds(2));
        HeldBatch sooner = batch(2, held("b"));
        sooner.retryAt(START.plusSeconds(1));
        assertThat(line.nextRetry()).isEqualTo(Instant.MAX);
        line.backOff(later);
        line.backOff(sooner);

        assertThat(line.nextRetry()).isEqualTo(START.plusSeconds(1));
        assertThat(line.takeDue(START.plusSeconds(1).minusNanos(1))).isEmpty();
        assertThat(line.takeDue(START.plusSeconds(1))).contains(sooner);
        assertThat(line.takeDue(START.plusSeconds(1))).isEmpty();
    }

    @Test
    void refusesTheOutcomeOfABatchThatIsNotInvoking() {
        line.add(batch(1, held("a")));

        assertThatThrownBy(() -> line.ended(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void takesMessagesOutOfEverythingButInvocations() {
        line.started(batch(1, held("a")));
        line.backOff(batch(2, held("b"), held("c")));
        line.add(batch(3, held("d")));

        assertThat(heldIds(line.remove(held -> !held.id().equals("c")))).containsExactly("b", "d");
        assertThat(line.notInvoking()).extracting(HeldBatch::number).containsExactly(2L);
        assertThat(line.invocations()).isEqualTo(1);
    }

    @Test
    void anEmptiedBatchLeavesTheLine() {
        HeldBatch ready = batch(1, held("a"), held("b"));
        HeldBatch backingOff = batch(2, held("c"));
        line.add(ready);
        line.backOff(backingOff);

        assertThat(heldIds(line.removeFrom(ready, held -> held.id().equals("a"))))
                .containsExactly("a");
        assertThat(line.waiting()).isEqualTo(1);
        line.removeFrom(ready, _ -> true);
        line.removeFrom(backingOff, _ -> true);
        assertThat(line.isEmpty()).isTrue();
    }

    @Test
    void knowsWhenTheFirstMessageOutsideOfInvocationsBecomesVisible() {
        assertThat(line.firstVisibleAgain()).isEqualTo(Instant.MAX);
        line.started(batch(1, held("a")));
        assertThat(line.firstVisibleAgain()).isEqualTo(Instant.MAX);

        HeldMessage sooner = held("b");
        sooner.visibleAgainAt(START.plusSeconds(3));
        line.backOff(batch(2, held("c"), sooner));
        line.add(batch(3, held("d")));
        assertThat(line.firstVisibleAgain()).isEqualTo(START.plusSeconds(3));
        line.remove(held -> held == sooner);
        assertThat(line.firstVisibleAgain()).isEqualTo(START.plus(VISIBILITY));
    }

    @Test
    void anAttemptEndsTheBackOff() {
        HeldBatch batch = batch(1, held("a", "x"), held("b", "x"), held("c", "y"));
        assertThat(batch.retryAt()).isEqualTo(Instant.MIN);
        batch.retryAt(START.plus(Duration.ofSeconds(5)));
        batch.attempted();

        assertThat(batch.attempts()).isEqualTo(1);
        assertThat(batch.retryAt()).isEqualTo(Instant.MIN);
        assertThat(batch.groups()).containsExactly("x", "y");
    }
}
