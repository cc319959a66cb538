package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class IoCallTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final CountDownLatch never = new CountDownLatch(1);

    private IoCall<String> hanging() {
        return limited(() -> {
            never.await();
            return "answered";
        });
    }

    private static IoCall<String> limited(IoCall.Body<String> body) {
        return IoCall.limited(body, problem -> problem.kind() + ": " + problem.message(), "q", START, LIMIT);
    }

    @Test
    void endsAsItsEvent() throws Exception {
        assertThat(limited(() -> "answered").make()).isEqualTo("answered");
        assertThat(limited(() -> {
                            throw new SourceException(
                                    new SourceProblem(Kind.NOT_FOUND, "no such queue"),
                                    new IllegalStateException("404"));
                        })
                        .make())
                .isEqualTo("NOT_FOUND: no such queue");
    }

    @Test
    void failsWhenItTakesLongerThanItMay() throws Exception {
        IoCall<String> call = hanging();
        call.endIfOverdue(START.plus(LIMIT).plusNanos(1));
        assertThat(call.make()).startsWith("UNAVAILABLE: q: does not answer in time: 10 seconds.");
    }

    @Test
    void isLeftAloneWhileItMayTakeItsTime() throws Exception {
        IoCall<String> call =
                limited(() -> String.valueOf(Thread.currentThread().isInterrupted()));
        call.endIfOverdue(START.plus(LIMIT));
        assertThat(call.make()).isEqualTo("false");

        IoCall<String> unlimited =
                IoCall.unlimited(() -> String.valueOf(Thread.currentThread().isInterrupted()), START);
        unlimited.endIfOverdue(Instant.MAX);
        assertThat(unlimited.make()).isEqualTo("false");
    }

    @Test
    void hasNoEventWhenItWasCancelled() throws Exception {
        IoCall<String> before = hanging();
        before.cancel();
        before.endIfOverdue(Instant.MAX);
        assertThat(before.make()).isNull();

        CountDownLatch started = new CountDownLatch(1);
        IoCall<String> during = limited(() -> {
            started.countDown();
            never.await();
            return "answered";
        });
        Thread canceller = Thread.ofVirtual().start(() -> {
            try {
                started.await();
                during.cancel();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(during.make()).isNull();
        canceller.join();
    }

    @Test
    void isNotMadeWhenItWasEndedBefore() throws Exception {
        AtomicInteger made = new AtomicInteger();
        IoCall<String> cancelled = limited(() -> "made " + made.incrementAndGet());
        cancelled.cancel();
        assertThat(cancelled.make()).isNull();

        IoCall<String> overdue = limited(() -> "made " + made.incrementAndGet());
        overdue.endIfOverdue(Instant.MAX);
        assertThat(overdue.make()).startsWith("UNAVAILABLE");
        assertThat(made).as("a function that would run for nobody").hasValue(0);
    }

    @Test
    void doesNotPassItsInterruptOnToTheNextCallOfTheThread() throws Exception {
        AtomicReference<IoCall<String>> itself = new AtomicReference<>();
        IoCall<String> unnoticed = limited(() -> {
            itself.get().cancel();
            return "answered";
        });
        itself.set(unnoticed);
        assertThat(unnoticed.make()).isEqualTo("answered");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        unnoticed.cancel();
        assertThat(Thread.currentThread().isInterrupted()).as("it is over").isFalse();
    }

    @Test
    void tellsWhenSomebodyElseInterruptedItsThread() {
        IoCall<String> call = hanging();
        Thread.currentThread().interrupt();
        assertThatThrownBy(call::make).isInstanceOf(InterruptedException.class);
    }
}
