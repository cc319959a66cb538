package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceivePacerTest {

    private final ReceivePacer pacer = new ReceivePacer(2, new SplittableRandom(1));

    @Test
    void opensOneMoreLongPollForEachFullAnswerAndOneLessForEachEmptyOne() {
        pacer.received(10, true, true, START);
        pacer.received(10, true, true, START);
        assertThat(pacer.wanted(START)).isEqualTo(4);

        pacer.received(3, false, true, START);
        assertThat(pacer.wanted(START)).as("neither full nor empty").isEqualTo(4);

        for (int i = 0; i < 5; i++) {
            pacer.received(0, false, false, START);
        }
        assertThat(pacer.wanted(START)).as("minimum").isEqualTo(2);
        assertThat(pacer.pausedUntil())
                .as("an empty answer at its time is no reason to pause")
                .isEqualTo(Instant.MIN);
    }

    @Test
    void neverOpensMoreThanTheHighestConcurrencyNeeds() {
        for (int i = 0; i < 2_000; i++) {
            pacer.received(10, true, false, START);
        }
        assertThat(pacer.wanted(START)).isEqualTo(1_250);
    }

    @Test
    void pausesAfterAnEmptyAnswerThatCameAtOnce() {
        pacer.received(0, false, true, START);

        assertThat(pacer.pausedUntil()).isEqualTo(START.plusMillis(250));
        assertThat(pacer.wanted(START.plusMillis(249))).isZero();
        assertThat(pacer.wanted(START.plusMillis(250))).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "THROTTLED, 100, 200, 20000",
        "UNAVAILABLE, 100, 200, 20000",
        "NOT_FOUND, 1000, 2000, 30000",
        "ACCESS_DENIED, 1000, 2000, 30000",
        "REJECTED, 1000, 2000, 30000"
    })
    void leavesTheQueueAloneForLongerWithEachFailure(Kind kind, long least, long most, long maximum) {
        Instant now = START;
        Duration first = pacer.failed(new SourceProblem(kind, "why"), now);
        assertThat(first).isBetween(Duration.ofMillis(least), Duration.ofMillis(most));
        assertThat(pacer.pausedUntil()).isEqualTo(now.plus(first));
        assertThat(pacer.wanted(now)).isZero();

        now = pacer.pausedUntil();
        assertThat(pacer.failed(new SourceProblem(kind, "why"), now))
                .isBetween(Duration.ofMillis(2 * least), Duration.ofMillis(2 * most));
        for (int i = 0; i < 20; i++) {
            now = pacer.pausedUntil();
            assertThat(pacer.failed(new SourceProblem(kind, "why"), now))
                    .isLessThanOrEqualTo(Duration.ofMillis(maximum));
        }
        assertThat(pacer.failed(new SourceProblem(kind, "why"), pacer.pausedUntil()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(maximum / 2));
    }

    @Test
    void countsFailuresThatHappenTogetherOnce() {
        SourceProblem problem = new SourceProblem(Kind.NOT_FOUND, "why");
        Duration pause = pacer.failed(problem, START);

        assertThat(pacer.failed(problem, START.plusMillis(100))).isEqualTo(pause.minusMillis(100));
        assertThat(pacer.pausedUntil()).isEqualTo(START.plus(pause));
    }

    @Test
    void startsAgainWithTheMinimumAndForgetsOldFailuresAfterAnAnswer() {
        SourceProblem problem = new SourceProblem(Kind.UNAVAILABLE, "why");
        for (int i = 0; i < 3; i++) {
            pacer.received(10, true, false, START);
        }
        for (int i = 0; i < 8; i++) {
            pacer.failed(problem, i == 0 ? START : pacer.pausedUntil());
        }
        Instant later = pacer.pausedUntil();
        assertThat(pacer.wanted(later)).isEqualTo(2);

        pacer.received(1, false, false, later);
        assertThat(pacer.failed(problem, later)).isLessThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void anEmptyAnswersPauseDoesNotHideAFailure() {
        pacer.received(0, false, true, START);

        assertThat(pacer.failed(new SourceProblem(Kind.NOT_FOUND, "why"), START))
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }
}
