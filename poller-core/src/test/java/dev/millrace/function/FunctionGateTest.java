package dev.millrace.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FunctionGateTest {

    private static final InvocationOutcome OK = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome DOWN = new InvocationOutcome.Unavailable("refused", Duration.ZERO);
    private static final BreakerSettings QUICK =
            new BreakerSettings(true, 90, 10, 4, Duration.ofMillis(50), Duration.ofMillis(100));
    private static final BreakerSettings SLOW =
            new BreakerSettings(true, 90, 10, 4, Duration.ofMinutes(5), Duration.ofMinutes(5));

    /** Answers what it is told to. */
    private static final class Scripted implements Invoker {
        volatile InvocationOutcome next = OK;
        volatile int calls;

        @Override
        public synchronized InvocationOutcome invoke(InvocationRequest request) {
            calls++;
            return next;
        }

        @Override
        public void close() {}
    }

    private final Scripted function = new Scripted();

    @Test
    void opensWhenTheFunctionIsUnreachableAndLetsNothingThrough() throws Exception {
        FunctionGate gate = gate(OptionalInt.empty(), SLOW);
        function.next = DOWN;
        for (int i = 0; i < 4; i++) {
            gate.invoke(request());
        }

        assertThat(gate.health()).isEqualTo(FunctionHealth.SUSPENDED);
        assertThat(gate.invoke(request())).isInstanceOf(InvocationOutcome.Unavailable.class);
        assertThat(function.calls).isEqualTo(4);
    }

    @Test
    void opensWhenTheFunctionKeepsThrottling() throws Exception {
        FunctionGate gate = gate(OptionalInt.empty(), SLOW);
        function.next = new InvocationOutcome.Throttled("limit", Duration.ZERO);
        for (int i = 0; i < 4; i++) {
            gate.invoke(request());
        }
        assertThat(gate.health()).isEqualTo(FunctionHealth.SUSPENDED);
    }

    @Test
    void staysClosedForAFunctionThatRunsAndFails() throws Exception {
        FunctionGate gate = gate(OptionalInt.empty(), SLOW);
        function.next = new InvocationOutcome.FunctionError("Error", "boom");
        for (int i = 0; i < 100; i++) {
            gate.invoke(request());
        }
        assertThat(gate.health()).isEqualTo(FunctionHealth.AVAILABLE);
    }

    @Test
    void staysClosedForAFunctionThatTakesItsTime() {
        CircuitBreaker breaker = FunctionGate.breaker("f", SLOW);
        for (int i = 0; i < 10; i++) {
            breaker.onResult(900, TimeUnit.SECONDS, OK);
        }
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void probesAfterAWhileAndClosesWhenTheProbeSucceeds() throws Exception {
        FunctionGate gate = gate(OptionalInt.empty(), QUICK);
        CountDownLatch changes = new CountDownLatch(2);
        gate.onHealthChange(changes::countDown);
        function.next = DOWN;
        for (int i = 0; i < 4; i++) {
            gate.invoke(request());
        }
        assertThat(changes.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.health()).isEqualTo(FunctionHealth.PROBING);

        function.next = OK;
        assertThat(gate.invoke(request())).isEqualTo(OK);
        assertThat(gate.health()).isEqualTo(FunctionHealth.AVAILABLE);
    }

    @Test
    void hearsNothingFromInvocationsThatBeganBeforeTheOutageWhileItProbes() throws Exception {
        CountDownLatch began = new CountDownLatch(2);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Invoker twoSlowOnes = new Invoker() {
            @Override
            public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
                if (calls.incrementAndGet() > 2) {
                    return DOWN;
                }
                began.countDown();
                mayEnd.await();
                return OK;
            }

            @Override
            public void close() {}
        };
        FunctionGate gate = gate(twoSlowOnes, OptionalInt.empty(), QUICK);
        FutureTask<InvocationOutcome> old = new FutureTask<>(() -> gate.invoke(request()));
        FutureTask<InvocationOutcome> interrupted = new FutureTask<>(() -> gate.invoke(request()));
        Thread.ofVirtual().start(old);
        Thread thread = Thread.ofVirtual().start(interrupted);
        assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
        CountDownLatch changes = new CountDownLatch(2);
        gate.onHealthChange(changes::countDown);
        for (int i = 0; i < 4; i++) {
            gate.invoke(request());
        }
        assertThat(changes.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.health()).isEqualTo(FunctionHealth.PROBING);

        thread.interrupt();
        thread.join();
        mayEnd.countDown();
        assertThat(old.get(10, TimeUnit.SECONDS)).isEqualTo(OK);
        assertThat(gate.health()).isEqualTo(FunctionHealth.PROBING);
        assertThat(gate.invoke(request())).as("the probe").isEqualTo(DOWN);
        assertThat(gate.health()).isNotEqualTo(FunctionHealth.AVAILABLE);
    }

    @Test
    void throttlesBeyondItsReservedConcurrencyWithoutAskingTheFunction() throws Exception {
        FunctionGate disabled = gate(OptionalInt.of(0), SLOW);

        for (int i = 0; i < 2; i++) {
            assertThat(disabled.invoke(request())).isInstanceOf(InvocationOutcome.Throttled.class);
        }
        assertThat(function.calls).isZero();
        assertThat(disabled.health()).as("its own limit is no sign of trouble").isEqualTo(FunctionHealth.AVAILABLE);
    }

    @Test
    void asksAnInvokerForNoMoreThanItTakesAndThrottlesWhatFindsNoTurn() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Invoker one = new Invoker() {
            @Override
            public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
                calls.incrementAndGet();
                started.countDown();
                mayEnd.await();
                return OK;
            }

            @Override
            public OptionalInt capacity() {
                return OptionalInt.of(1);
            }

            @Override
            public void close() {}
        };
        FunctionGate gate = gate(one, OptionalInt.of(5), SLOW);
        FutureTask<InvocationOutcome> first = new FutureTask<>(() -> gate.invoke(request()));
        Thread.ofVirtual().start(first);
        assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(gate.invoke(request()))
                .isEqualTo(new InvocationOutcome.Throttled("ConcurrentInvocationLimitExceeded", Duration.ZERO));
        assertThat(calls).hasValue(1);
        assertThat(gate.concurrencyLimit(null)).isEqualTo(OptionalInt.of(1));
        mayEnd.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(OK);
        assertThat(gate.invoke(request())).as("the turn is given back").isEqualTo(OK);
    }

    @Test
    void givesItsPermitBackWhateverHappens() throws Exception {
        FunctionGate gate = gate(OptionalInt.of(1), SLOW);
        for (int i = 0; i < 3; i++) {
            assertThat(gate.invoke(request())).isEqualTo(OK);
        }
        assertThat(gate.concurrency()).isZero();
    }

    @Test
    void aDefectiveInvokerCountsAsAFunctionError() throws Exception {
        Invoker defective = new Invoker() {
            @Override
            public InvocationOutcome invoke(InvocationRequest request) {
                throw new IllegalStateException("defect");
            }

            @Override
            public void close() {}
        };
        FunctionGate gate = gate(defective, OptionalInt.of(1), SLOW);

        assertThat(gate.invoke(request()))
                .isInstanceOfSatisfying(
                        InvocationOutcome.FunctionError.class,
                        error -> assertThat(error.message()).contains("defect"));
        assertThat(gate.concurrency()).isZero();
    }

    @Test
    void anInvokerThatAnswersNothingCountsAsAFunctionError() throws Exception {
        function.next = nothing();

        assertThat(gate(OptionalInt.empty(), SLOW).invoke(request()))
                .isInstanceOf(InvocationOutcome.FunctionError.class);
    }

    @SuppressWarnings("NullAway") // What a plug-in in a language without null checks may do.
    private static InvocationOutcome nothing() {
        return null;
    }

    @Test
    void aWeightedAliasSpreadsItsInvocations() {
        FunctionGate gate = withVersions();
        Random random = new Random(1);
        int toSecond = 0;
        for (int i = 0; i < 10_000; i++) {
            toSecond += gate.version("prod", random).equals("2") ? 1 : 0;
        }

        assertThat(toSecond).isBetween(900, 1_100);
        assertThat(gate.version(null, random)).isEqualTo("$LATEST");
        assertThat(gate.version("1", random)).isEqualTo("1");
    }

    @Test
    void aVersionHasItsOwnTimeoutAndAnAliasTheLongestOfThoseItMayChoose() {
        FunctionGate gate = withVersions();

        assertThat(gate.timeout(null)).isEqualTo(Duration.ofSeconds(3));
        assertThat(gate.timeout("$LATEST")).isEqualTo(Duration.ofSeconds(3));
        assertThat(gate.timeout("1")).isEqualTo(Duration.ofSeconds(10));
        assertThat(gate.timeout("2")).isEqualTo(Duration.ofSeconds(60));
        assertThat(gate.timeout("prod")).isEqualTo(Duration.ofSeconds(60));
        assertThat(gate.timeout("old")).isEqualTo(Duration.ofSeconds(10));
    }

    private FunctionGate withVersions() {
        return new FunctionGate(
                "f",
                new FunctionGate.Limits(OptionalInt.empty(), SLOW),
                Map.of(
                        FunctionSettings.LATEST,
                        new FunctionGate.Version(function, Duration.ofSeconds(3)),
                        "1",
                        new FunctionGate.Version(function, Duration.ofSeconds(10)),
                        "2",
                        new FunctionGate.Version(function, Duration.ofSeconds(60))),
                Map.of(
                        "prod",
                        new AliasRouting("1", Map.of("2", 0.1)),
                        "old",
                        new AliasRouting("1", Map.of("2", 0.0))));
    }

    private FunctionGate gate(OptionalInt reserved, BreakerSettings breaker) {
        return gate(function, reserved, breaker);
    }

    private static FunctionGate gate(Invoker invoker, OptionalInt reserved, BreakerSettings breaker) {
        return new FunctionGate(
                "f",
                new FunctionGate.Limits(reserved, breaker),
                Map.of(FunctionSettings.LATEST, new FunctionGate.Version(invoker, Duration.ofSeconds(3))),
                Map.of());
    }

    private static InvocationRequest request() {
        return new InvocationRequest("id", "arn", FunctionSettings.LATEST, Payload.EMPTY, null, Duration.ofSeconds(3));
    }
}
