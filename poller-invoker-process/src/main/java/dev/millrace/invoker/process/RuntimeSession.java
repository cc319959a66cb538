package dev.millrace.invoker.process;

import dev.millrace.invoke.InvocationOutcome;
import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one process and the daemon have agreed on so far: the states of the Lambda Runtime API, with events going one way
 * and answers the other. Guarded by its own monitor, since its two sides are different threads by nature: the invoking
 * thread ({@link #awaitReady}, {@link #offer}, {@link #await}), the process's connections ({@link #next},
 * {@link #giveBack}, {@link #answer}, {@link #initError}), and the thread that watches the process ({@link #end}).
 *
 * <p>Invariant: at most one event is in the process's hands.
 */
final class RuntimeSession {

    /** A call of the Runtime API that the protocol does not allow; the session is as before. */
    static final class Refused extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String errorType;

        Refused(int status, String errorType, String message) {
            super(message);
            this.status = status;
            this.errorType = errorType;
        }

        int status() {
            return status;
        }

        String errorType() {
            return errorType;
        }
    }

    /** Why no more events can be handed out. */
    sealed interface End {
        /** The runtime reported that it cannot start the function. */
        record InitFailed(InvocationOutcome.FunctionError error) implements End {}

        /** The process is gone. */
        record Exited(int exitCode) implements End {}
    }

    /** How starting ended. */
    sealed interface Start {
        record Ready() implements Start {}

        record Failed(End end) implements Start {}

        record Overdue() implements Start {}
    }

    /** How one event fared. */
    sealed interface Progress {
        /** The process answered. */
        record Answered(InvocationOutcome outcome) implements Progress {}

        /** The process never asked for the event, so the function did not run. */
        record Untouched() implements Progress {}

        /** The process had the event and ended. */
        record Broken(End end) implements Progress {}

        /** The process had the event and did not answer in time. */
        record Overdue() implements Progress {}
    }

    /** Where the conversation stands, with AWS's name for its error texts. */
    private sealed interface State {
        record Started() implements State {}

        record Idle() implements State {}

        record Offered(Invocation invocation) implements State {}

        record Running(Invocation invocation) implements State {}

        record Done(InvocationOutcome outcome) implements State {}
    }

    private State state = new State.Started();
    private @Nullable End end;
    private long nextCalls;
    private @Nullable String lastRequestId;

    // ---- The process's side ----

    /**
     * The next event, waited for without limit. When the process asks again on another connection, the earlier call is
     * refused: its client has given up on it.
     */
    synchronized Invocation next() throws Refused, InterruptedException {
        if (state instanceof State.Running) {
            throw transition("Ready");
        }
        if (state instanceof State.Started) {
            state = new State.Idle();
        }
        long call = ++nextCalls;
        notifyAll(); // whoever waits for the runtime to be ready, and an earlier call that this one replaces
        while (true) {
            if (end != null || call != nextCalls) {
                throw transition("Ready");
            }
            if (state instanceof State.Offered(Invocation invocation)) {
                state = new State.Running(invocation);
                lastRequestId = invocation.requestId();
                return invocation;
            }
            wait();
        }
    }

    /** The event could not be written to the process: it is on offer again. */
    synchronized void giveBack(Invocation invocation) {
        if (state instanceof State.Running(Invocation running) && running.equals(invocation)) {
            state = new State.Offered(invocation);
            notifyAll();
        }
    }

    /**
     * The process's answer to an event, good or bad.
     *
     * @param stateName AWS's name of the state that this call leads to
     */
    synchronized void answer(String requestId, String stateName, InvocationOutcome outcome) throws Refused {
        if (!requestId.equals(lastRequestId)) {
            throw new Refused(400, "InvalidRequestID", "Invalid request ID");
        }
        if (!(state instanceof State.Running)) {
            throw transition(stateName);
        }
        state = new State.Done(outcome);
        notifyAll();
    }

    /** The runtime reports that it cannot start the function; allowed before the first {@link #next} only. */
    synchronized void initError(InvocationOutcome.FunctionError error) throws Refused {
        if (!(state instanceof State.Started) || end != null) {
            throw transition("InitError");
        }
        end(new End.InitFailed(error));
    }

    private Refused transition(String target) {
        String from = end != null
                ? "Ended"
                : switch (state) {
                    case State.Started _ -> "Started";
                    case State.Idle _, State.Offered _ -> "Ready";
                    case State.Running _ -> "Running";
                    case State.Done _ -> "ResponseSent";
                };
        return new Refused(
                403,
                "InvalidStateTransition",
                "State transition from " + from + " to " + target
                        + " failed for runtime. Error: State transition is not allowed");
    }

    // ---- The watcher's side ----

    /** No more events can be handed out. The first reason counts. */
    synchronized void end(End reason) {
        if (end == null) {
            end = reason;
            notifyAll();
        }
    }

    /** The event that the process works on or worked on last; null before the first one. For the log. */
    synchronized @Nullable String lastRequestId() {
        return lastRequestId;
    }

    // ---- The invoking side ----

    /** Whether another event can be offered. */
    synchronized boolean usable() {
        return end == null && state instanceof State.Idle;
    }

    /** Waits until the runtime has asked for its first event. */
    synchronized Start awaitReady(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            if (end != null) {
                return new Start.Failed(end);
            }
            if (!(state instanceof State.Started)) {
                return new Start.Ready();
            }
            if (!waitUntil(deadline)) {
                return new Start.Overdue();
            }
        }
    }

    /** Puts an event on offer; it is taken when the runtime asks for it, usually at once. */
    synchronized void offer(Invocation invocation) {
        if (!(state instanceof State.Idle)) {
            throw new IllegalStateException("an event was offered in state " + state);
        }
        state = new State.Offered(invocation);
        notifyAll();
    }

    /** Waits for the answer to the event on offer. An answer counts even when the process ended right after it. */
    synchronized Progress await(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            if (state instanceof State.Done(InvocationOutcome outcome)) {
                state = new State.Idle();
                return new Progress.Answered(outcome);
            }
            boolean running = state instanceof State.Running;
            if (end != null) {
                return running ? new Progress.Broken(end) : new Progress.Untouched();
            }
            if (!waitUntil(deadline)) {
                return running ? new Progress.Overdue() : new Progress.Untouched();
            }
        }
    }

    /** Waits for a change; false when the deadline has passed already. */
    private boolean waitUntil(long deadlineNanos) throws InterruptedException {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
        return true;
    }
}
