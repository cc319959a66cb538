package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnLoopTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** A machine that remembers its events; its fields are guarded by nothing but the loop. */
    private static final class Recorder implements TurnLoop.Turns<String> {
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        final CountDownLatch rested = new CountDownLatch(1);
        Consumer<String> onEvent = _ -> {};
        Instant wakeup = Instant.MAX;
        boolean finished;
        long turns;

        @Override
        public void turn(String event, Instant at) {
            turns++;
            if (event.equals("finish")) {
                finished = true;
            }
            seen.add(event);
            onEvent.accept(event);
        }

        @Override
        public Instant rest() {
            rested.countDown();
            return wakeup;
        }

        @Override
        public String tick() {
            return "tick";
        }

        @Override
        public boolean finished() {
            return finished;
        }

        void await(String event) throws InterruptedException {
            String next;
            do {
                next = seen.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("waiting for " + event).isNotNull();
            } while (!next.equals(event));
        }
    }

    private volatile Instant now = START;
    private final Recorder machine = new Recorder();
    private final TurnLoop<String> loop = new TurnLoop<>("test", machine, () -> now);
    private final FutureTask<Void> running = new FutureTask<>(() -> {
        loop.run();
        return null;
    });
    private final Thread timer = Thread.ofVirtual().unstarted(running);

    @AfterEach
    void end() throws InterruptedException {
        timer.interrupt();
        assertThat(timer.getState() == Thread.State.NEW || timer.join(Duration.ofSeconds(20)))
                .isTrue();
    }

    @Test
    void takesOneTurnAtATimeWhoeverPosts() throws Exception {
        timer.start();
        machine.await("tick");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 20_000; j++) {
                    loop.post(() -> "event");
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        loop.post(() -> "finish");
        running.get(20, TimeUnit.SECONDS);

        assertThat(machine.turns).isBetween(160_002L, 160_050L);
    }

    @Test
    void makesTheCallsOfATurnAndGivesTheMachineTheirEvents() throws Exception {
        machine.onEvent = event -> {
            if (event.equals("go")) {
                for (String name : List.of("a", "b", "c")) {
                    loop.start(IoCall.unlimited(() -> name, now));
                }
            }
        };
        timer.start();
        loop.post(() -> "go");
        List<String> events = new ArrayList<>();
        while (events.size() < 3) {
            String event = machine.seen.poll(20, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            if (event.length() == 1) {
                events.add(event);
            }
        }
        assertThat(events).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void goesOnWithTheFirstCallOnTheThreadWhoseCallHasEnded() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        machine.onEvent = event -> {
            if (event.equals("go") || event.equals("first")) {
                String next = event.equals("go") ? "first" : "second";
                loop.start(IoCall.unlimited(
                        () -> {
                            threads.add(Thread.currentThread());
                            return next;
                        },
                        now));
            }
        };
        timer.start();
        machine.await("tick");
        loop.post(() -> "go");
        machine.await("second");

        assertThat(threads).hasSize(2);
        assertThat(threads.take()).isSameAs(threads.take());
    }

    @Test
    void ticksWhenTheMachineWantsTo() throws Exception {
        machine.wakeup = START.plusMillis(50);
        machine.onEvent = event -> {
            if (now.isAfter(START)) {
                machine.wakeup = Instant.MAX;
            }
        };
        timer.start();
        machine.await("tick");
        assertThat(machine.rested.await(20, TimeUnit.SECONDS)).isTrue();
        now = START.plusMillis(50);
        machine.await("tick");
    }

    @Test
    void ticksAtLeastEveryFiveSeconds() throws Exception {
        InstantSource clock = new MonotonicClock();
        TurnLoop<String> real = new TurnLoop<>("test", machine, clock);
        Instant start = clock.instant();
        Thread thread = Thread.ofVirtual().start(new FutureTask<>(() -> {
            real.run();
            return null;
        }));
        machine.await("tick");
        machine.await("tick");
        thread.interrupt();

        assertThat(clock.instant()).isAfterOrEqualTo(start.plus(TurnLoop.LONGEST_REST));
    }

    @Test
    void endsACallThatTakesTooLong() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        machine.onEvent = event -> {
            if (event.equals("go")) {
                loop.start(IoCall.limited(
                        () -> {
                            never.await();
                            return "answered";
                        },
                        problem -> "failed",
                        "q",
                        START,
                        Duration.ofSeconds(1)));
                machine.wakeup = START.plusSeconds(2);
            }
        };
        timer.start();
        machine.await("tick");
        now = START.plusSeconds(2);
        loop.post(() -> "go");

        machine.await("failed");
    }

    @Test
    void endsCallsThatTakeTooLongAlsoWhileTurnsGoOnWithoutEnd() throws Exception {
        InstantSource clock = new MonotonicClock();
        TurnLoop<String> busy = new TurnLoop<>("test", machine, clock);
        CountDownLatch overdue = new CountDownLatch(1);
        machine.onEvent = event -> {
            machine.seen.clear();
            if (machine.turns == 1) {
                busy.start(IoCall.limited(
                        () -> {
                            new CountDownLatch(1).await();
                            return "answered";
                        },
                        problem -> {
                            overdue.countDown();
                            return "failed";
                        },
                        "q",
                        clock.instant(),
                        Duration.ofMillis(1)));
            }
            if (overdue.getCount() > 0) {
                busy.post(() -> "event");
            }
        };
        Thread thread = Thread.ofVirtual().start(new FutureTask<>(() -> {
            busy.run();
            return null;
        }));
        try {
            assertThat(overdue.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            overdue.countDown();
            thread.interrupt();
        }
    }

    @Test
    void diesOfADefectOfTheMachine() {
        machine.onEvent = event -> {
            throw new IllegalStateException("a defect");
        };
        timer.start();
        assertThatThrownBy(() -> running.get(20, TimeUnit.SECONDS)).rootCause().hasMessage("a defect");
        machine.seen.clear();
        loop.post(() -> "late");
        assertThat(machine.seen).as("a dead machine").isEmpty();
    }

    @Test
    void diesOfADefectOfACall() throws Exception {
        machine.onEvent = event -> {
            if (event.equals("go")) {
                loop.start(IoCall.unlimited(
                        () -> {
                            throw new IllegalStateException("a defect");
                        },
                        now));
            }
        };
        timer.start();
        loop.post(() -> "go");
        assertThatThrownBy(() -> running.get(20, TimeUnit.SECONDS)).rootCause().hasMessage("a defect");
    }

    @Test
    void cancelsItsCallsWhenItIsInterrupted() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        machine.onEvent = event -> {
            if (event.equals("go")) {
                loop.start(IoCall.unlimited(
                        () -> {
                            started.countDown();
                            try {
                                new CountDownLatch(1).await();
                                return "answered";
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                                throw e;
                            }
                        },
                        now));
            }
        };
        timer.start();
        loop.post(() -> "go");
        assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
        timer.interrupt();

        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> running.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
    }
}
