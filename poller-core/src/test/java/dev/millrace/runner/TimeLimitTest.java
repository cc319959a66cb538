package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void answersWhatTheCallAnswers() throws Exception {
        assertThat(TimeLimit.within(LONG, "stream", () -> 7)).isEqualTo(7);
    }

    @Test
    void throwsWhatTheCallThrows() {
        SourceException failure = new SourceException(
                new SourceProblem(SourceProblem.Kind.NOT_FOUND, "none"), new IllegalStateException());

        assertThatThrownBy(() -> TimeLimit.within(LONG, "stream", () -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> TimeLimit.within(LONG, "stream", () -> {
                    throw new IllegalArgumentException("defect");
                }))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void interruptsACallThatDoesNotAnswerInTime() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);

        assertThatExceptionOfType(SourceException.class)
                .isThrownBy(() -> TimeLimit.within(Duration.ofMillis(50), "stream", () -> {
                    try {
                        never.await();
                        return 7;
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                }))
                .satisfies(e -> assertThat(e.problem().kind()).isEqualTo(SourceProblem.Kind.UNAVAILABLE))
                .withMessageStartingWith("stream: does not answer in time");

        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
