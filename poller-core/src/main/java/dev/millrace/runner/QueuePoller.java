package dev.millrace.runner;

import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueMachine;
import dev.millrace.queue.QueuePolicy;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.source.QueueSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One enabled queue mapping while it runs: owns the runner's thread and replaces a runner that died of a defect. Messages
 * that the dead one held come back when their visibility timeout expires.
 */
public final class QueuePoller {

    /** A loop that has not turned for this long hangs; well above the runner's longest wait. */
    private static final Duration STALLED = Duration.ofSeconds(30);

    private final EventSourceMapping mapping;
    private final QueuePolicy policy;
    private final QueueSource source;
    private final FunctionGate function;
    private final QueueObserver observer;
    private final InstantSource clock;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile @Nullable QueueRunner runner;
    private volatile boolean crashed;
    private volatile @Nullable Instant stopDeadline;
    private @Nullable Thread thread;

    /** Makes the poller; {@link #start()} starts it. The source and the function stay the caller's to close. */
    public QueuePoller(
            EventSourceMapping mapping,
            QueuePolicy policy,
            QueueSource source,
            FunctionGate function,
            QueueObserver observer,
            InstantSource clock) {
        this.mapping = mapping;
        this.policy = policy;
        this.source = source;
        this.function = function;
        this.observer = observer;
        this.clock = clock;
    }

    public EventSourceMapping mapping() {
        return mapping;
    }

    public void start() {
        thread = Thread.ofVirtual().name("queue/" + mapping.uuid()).start(this::supervise);
    }

    private void supervise() {
        Crashes crashes = new Crashes();
        try {
            while (true) {
                Instant began = clock.instant();
                QueueRunner current = newRunner();
                try {
                    current.run();
                    return;
                } catch (RuntimeException | Error defect) {
                    Duration pause = crashes.pause(began, clock.instant());
                    crashed = true;
                    observer.crashed(defect, pause);
                    if (stopAsked.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // Interrupted means stop, and nothing is left to do.
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private QueueRunner newRunner() {
        QueueRunner fresh = new QueueRunner(
                mapping, new QueueMachine(policy, ThreadLocalRandom.current()), source, function, observer, clock);
        runner = fresh;
        crashed = false;
        Instant deadline = stopDeadline;
        if (deadline != null) {
            fresh.stop(deadline);
        }
        return fresh;
    }

    /** Asks the mapping to stop receiving and to finish by the deadline. Returns at once. */
    public void stop(Instant deadline) {
        stopDeadline = deadline;
        stopAsked.countDown();
        QueueRunner current = runner;
        if (current != null) {
            current.stop(deadline);
        }
    }

    /** Waits until the mapping has ended; false when it has not by then. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends the mapping at once. What it held is delivered again. */
    public void kill() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** The mapping's state after its last turn; empty before it has started and while it waits to start again. */
    public Optional<QueueSnapshot> snapshot() {
        return crashed ? Optional.empty() : Optional.ofNullable(runner).map(QueueRunner::snapshot);
    }

    /** Whether the loop really turns, or has ended as asked. */
    public boolean alive() {
        QueueRunner current = runner;
        if (ended.getCount() == 0 || current == null) {
            return stopDeadline != null;
        }
        Instant last = current.lastTurn();
        return last.equals(Instant.MAX)
                || Duration.between(last, clock.instant()).compareTo(STALLED) < 0;
    }
}
