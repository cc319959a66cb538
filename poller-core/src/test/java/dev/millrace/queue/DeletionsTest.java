package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.VISIBILITY;
import static dev.millrace.queue.Messages.held;
import static dev.millrace.queue.Messages.heldIds;
import static dev.millrace.queue.Messages.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.QueueSource.EntryFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeletionsTest {

    private static final EntryFailure RETRYABLE = new EntryFailure("InternalError", false);
    private static final EntryFailure FINAL = new EntryFailure("ReceiptHandleIsInvalid", true);

    private final Deletions deletions = new Deletions(new SplittableRandom(1));

    private void add(int count) {
        for (int i = 1; i <= count; i++) {
            deletions.add(held("m" + i));
        }
    }

    @Test
    void sendsAtMostTenInOneCallInOrder() {
        add(12);

        assertThat(ids(deletions.send(1))).hasSize(10).startsWith("m1", "m2").endsWith("m10");
        assertThat(ids(deletions.send(2))).containsExactly("m11", "m12");
        assertThat(deletions.size()).isEqualTo(12);
        assertThat(deletions.isEmpty()).isFalse();
    }

    @Test
    void keepsToTheNumberOfCallsAtOnce() {
        assertThat(deletions.canSend(1, START)).as("nothing to delete").isFalse();
        add(11);
        assertThat(deletions.canSend(1, START)).isTrue();
        deletions.send(1);

        assertThat(deletions.canSend(1, START)).isFalse();
        assertThat(deletions.canSend(2, START)).isTrue();
    }

    @Test
    void isDoneWhenEveryEntryWasDeleted() {
        add(2);
        deletions.send(1);

        Deletions.Result result = deletions.answered(1, Map.of(), START);

        assertThat(heldIds(result.deleted())).containsExactly("m1", "m2");
        assertThat(result.givenUp()).isEmpty();
        assertThat(deletions.isEmpty()).isTrue();
        assertThat(deletions.size()).isZero();
    }

    @Test
    void triesAgainAfterAPauseUnlessTheQueueSaysThatItCannotHelp() {
        add(3);
        deletions.send(1);

        Deletions.Result result = deletions.answered(1, Map.of("m1", RETRYABLE, "m2", FINAL), START);

        assertThat(heldIds(result.deleted())).containsExactly("m3");
        assertThat(heldIds(result.givenUp())).containsExactly("m2");
        Instant next = deletions.nextSend(START);
        assertThat(next).isBetween(START.plusMillis(50), START.plusMillis(100));
        assertThat(deletions.canSend(9, next.minusNanos(1))).isFalse();
        assertThat(deletions.canSend(9, next)).isTrue();
        assertThat(deletions.nextSend(next)).as("may go at once").isEqualTo(Instant.MAX);
        assertThat(ids(deletions.send(2))).containsExactly("m1");
    }

    @Test
    void waitsForNothingWhenNoDeleteIsLeft() {
        add(1);
        deletions.send(1);
        deletions.failed(1, START);
        deletions.send(2);

        assertThat(deletions.nextSend(START)).isEqualTo(Instant.MAX);
    }

    @Test
    void givesUpOnceTheQueueHasTakenTheMessageBack() {
        add(2);
        Instant visible = START.plus(VISIBILITY);
        deletions.send(1);
        assertThat(deletions.failed(1, visible.minusMillis(1)).givenUp()).isEmpty();
        deletions.send(2);
        assertThat(heldIds(deletions.failed(2, visible).givenUp())).containsExactly("m1", "m2");
        assertThat(deletions.isEmpty()).isTrue();
    }

    @Test
    void triesTheNewestReceiptHandleEvenAfterAFinalRefusal() {
        HeldMessage held = held("m1");
        deletions.add(held);
        deletions.send(1);
        held.deliveredAgain(Messages.withHandle("m1", "newer"), START, VISIBILITY);

        assertThat(deletions.answered(1, Map.of("m1", FINAL), START).givenUp()).isEmpty();
        assertThat(deletions.send(2).getFirst().receiptHandle()).isEqualTo("newer");
        assertThat(deletions.answered(2, Map.of("m1", FINAL), START).givenUp()).hasSize(1);
    }

    @Test
    void pausesLongerWithEachFailureAndNotAfterASuccess() {
        Instant now = START;
        add(1);
        Duration longest = Duration.ZERO;
        for (long call = 1; call <= 8; call++) {
            deletions.send(call);
            deletions.failed(call, now);
            longest = Duration.between(now, deletions.nextSend(now));
        }
        assertThat(longest).isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(5));

        deletions.send(9);
        deletions.answered(9, Map.of(), now);
        add(1);
        assertThat(deletions.canSend(1, now)).isTrue();
        deletions.send(10);
        deletions.failed(10, now);
        assertThat(deletions.nextSend(now)).isBefore(now.plusMillis(101));
    }

    @Test
    void refusesAnAnswerToACallItNeverMade() {
        assertThatThrownBy(() -> deletions.answered(7, Map.of(), START)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> deletions.failed(7, START)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void givesEverythingBackWhenTheMachineEnds() {
        add(12);
        deletions.send(1);

        assertThat(heldIds(deletions.abandon())).hasSize(12).contains("m1", "m12");
        assertThat(deletions.isEmpty()).isTrue();
        assertThat(deletions.size()).isZero();
    }
}
