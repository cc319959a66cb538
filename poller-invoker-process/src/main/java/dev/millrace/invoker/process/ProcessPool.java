package dev.millrace.invoker.process;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Which processes of one function are idle, how many live, and whether another may start. Guarded by its own monitor;
 * holds it for a few instructions only, never while a process starts or ends.
 *
 * <p>Invariant: idle + lent + starting processes = {@code live} <= concurrency.
 */
final class ProcessPool {

    /** What an invocation gets. */
    sealed interface Grant {
        /** An idle process, lent until {@link #giveBack} or {@link #discard}. */
        record Warm(FunctionProcess process) implements Grant {}

        /** The right to start one; ends with {@link #started} or {@link #startFailed}. */
        record Start() implements Grant {}

        /** Every process is at work. */
        record Busy(Duration retryAfter) implements Grant {}

        /** No process lives, and the last start failed a moment ago. */
        record Broken(String lastFailure, Duration retryAfter) implements Grant {}
    }

    private final int concurrency;
    private final Clock clock;
    private final StartGate gate = new StartGate();
    private final Deque<FunctionProcess> idle = new ArrayDeque<>();
    private int live;
    private int starting;

    ProcessPool(int concurrency, Clock clock) {
        this.concurrency = concurrency;
        this.clock = clock;
    }

    /** The process used last, which is the warmest, or the right to start one, or why neither. */
    synchronized Grant take() {
        for (FunctionProcess process = idle.pollFirst(); process != null; process = idle.pollFirst()) {
            if (process.usable()) {
                return new Grant.Warm(process);
            }
            live--; // it ended while idle; its own thread has cleaned up
        }
        if (live >= concurrency) {
            return new Grant.Busy(Duration.ZERO);
        }
        Duration closed = gate.closedFor(clock.instant());
        if (closed.isZero() && !(gate.probing() && starting > 0)) {
            live++;
            starting++;
            return new Grant.Start();
        }
        Duration retryAfter = closed.isZero() ? StartGate.FIRST_WAIT : closed;
        return live > starting ? new Grant.Busy(retryAfter) : new Grant.Broken(gate.lastFailure(), retryAfter);
    }

    /** Exchanges the right to start a process for one that has become idle meanwhile, if there is one. */
    synchronized Optional<FunctionProcess> takeInsteadOfStart() {
        Optional<FunctionProcess> warm =
                idle.stream().filter(FunctionProcess::usable).findFirst();
        warm.ifPresent(process -> {
            idle.remove(process);
            startAbandoned();
        });
        return warm;
    }

    /** The process has asked for its first event; it is lent to whoever started it. */
    synchronized void started() {
        starting--;
        gate.succeeded();
    }

    /** No process came of it. */
    synchronized void startFailed(String why) {
        startAbandoned();
        gate.failed(why, clock.instant());
    }

    /** No process came of it, and that says nothing about the next one. */
    synchronized void startAbandoned() {
        starting--;
        live--;
    }

    /** How long until another start makes sense; zero when it does at once. */
    synchronized Duration closedFor() {
        return gate.closedFor(clock.instant());
    }

    synchronized void giveBack(FunctionProcess process) {
        idle.addFirst(process);
    }

    /** The lent process has ended or will not be used again. */
    synchronized void discard() {
        live--;
    }

    /** Takes an idle process out for good. */
    synchronized Optional<FunctionProcess> retire() {
        FunctionProcess process = idle.pollFirst();
        if (process == null) {
            return Optional.empty();
        }
        live--;
        return Optional.of(process);
    }
}
