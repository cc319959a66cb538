package dev.millrace.invoker.process;

import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Invokes one function version through its pool of processes. Processes start when events need them, up to the
 * concurrency, and stay warm; one that times out, crashes or is interrupted is killed and replaced by the next
 * invocation that needs it.
 */
final class ProcessInvoker implements Invoker {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessInvoker.class);

    private final ProcessSettings settings;
    private final Map<String, String> daemonEnvironment;
    private final Clock clock = Clock.systemUTC();
    private final ProcessPool pool;
    private final AtomicLong started = new AtomicLong();

    /** @param daemonEnvironment what the processes' base variables are taken from */
    ProcessInvoker(ProcessSettings settings, Map<String, String> daemonEnvironment) {
        this.settings = settings;
        this.daemonEnvironment = Map.copyOf(daemonEnvironment);
        this.pool = new ProcessPool(settings.concurrency(), clock);
    }

    @Override
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        // Bounded: every further round has used up a process that was idle when the round before began.
        for (int round = 0; round <= settings.concurrency(); round++) {
            switch (pool.take()) {
                case ProcessPool.Grant.Warm(FunctionProcess process) -> {
                    Optional<InvocationOutcome> outcome = run(process, request);
                    if (outcome.isPresent()) {
                        return outcome.get();
                    }
                }
                case ProcessPool.Grant.Start() -> {
                    return startAndRun(request);
                }
                case ProcessPool.Grant.Busy(Duration retryAfter) -> {
                    return new InvocationOutcome.Throttled(InvocationOutcome.Throttled.AT_CAPACITY, retryAfter);
                }
                case ProcessPool.Grant.Broken(String lastFailure, Duration retryAfter) -> {
                    return new InvocationOutcome.Unavailable(
                            "function " + function() + " is not started again for " + retryAfter.toMillis()
                                    + " ms because its last start failed: " + lastFailure,
                            retryAfter);
                }
            }
        }
        return new InvocationOutcome.Unavailable(
                "processes of function " + function() + " end before they take an event", StartGate.FIRST_WAIT);
    }

    /** Its processes: each takes one event at a time. */
    @Override
    public OptionalInt capacity() {
        return OptionalInt.of(settings.concurrency());
    }

    // ---- A cold start ----

    private InvocationOutcome startAndRun(InvocationRequest request) throws InterruptedException {
        FunctionProcess process;
        RuntimeSession.Start start;
        try (StartTurn turn = awaitTurn()) {
            Optional<FunctionProcess> warm = pool.takeInsteadOfStart();
            if (warm.isPresent()) {
                turn.end();
                return run(warm.get(), request).orElseGet(() -> gone(warm.get()));
            }
            process = FunctionProcess.start(
                    settings, function() + "/" + started.incrementAndGet(), daemonEnvironment, clock);
            start = awaitReady(process, turn);
        } catch (IOException e) {
            return cannotStart(e);
        }
        return switch (start) {
            case RuntimeSession.Start.Ready() -> {
                pool.started();
                yield run(process, request)
                        .orElseGet(() -> FunctionErrors.exited(
                                request.requestId(), "Runtime exited before it took its first event"));
            }
            case RuntimeSession.Start.Failed(RuntimeSession.End end) -> startFailed(process, ended(request, end));
            case RuntimeSession.Start.Overdue() ->
                startFailed(process, FunctionErrors.initTimedOut(request.requestId(), settings.initTimeout()));
        };
    }

    private StartTurn awaitTurn() throws InterruptedException {
        try {
            return StartTurn.await(settings.launch().oneAtATime());
        } catch (InterruptedException e) {
            pool.startAbandoned();
            throw e;
        }
    }

    private RuntimeSession.Start awaitReady(FunctionProcess process, StartTurn turn) throws InterruptedException {
        Duration limit = settings.initTimeout();
        Duration first = limit.compareTo(StartTurn.LONGEST) < 0 ? limit : StartTurn.LONGEST;
        try {
            RuntimeSession.Start start = process.session().awaitReady(first);
            turn.end();
            return start instanceof RuntimeSession.Start.Overdue()
                    ? process.session().awaitReady(limit.minus(first))
                    : start;
        } catch (InterruptedException e) {
            process.kill();
            pool.startAbandoned();
            throw e;
        }
    }

    private InvocationOutcome gone(FunctionProcess process) {
        return new InvocationOutcome.Unavailable(
                "process " + process.name() + " of function " + function() + " ended before it took the event",
                Duration.ZERO);
    }

    private InvocationOutcome cannotStart(IOException e) {
        String why = "cannot start " + settings.launch().command() + " in "
                + settings.launch().workingDirectory() + ": " + e.getMessage();
        pool.startFailed(why);
        LOG.error("Function {} {}", function(), why);
        return new InvocationOutcome.Unavailable(
                "function " + function() + ": " + why + "; correct Command or WorkingDirectory, or install the program",
                pool.closedFor());
    }

    private InvocationOutcome.FunctionError startFailed(
            FunctionProcess process, InvocationOutcome.FunctionError outcome) {
        process.kill();
        pool.startFailed(outcome.errorType() + ": " + outcome.message());
        LOG.warn("Process {} failed to start: {}: {}", process.name(), outcome.errorType(), outcome.message());
        return outcome;
    }

    // ---- One event in a process ----

    /** Empty when the process ended before it took the event, so that another one may. */
    private Optional<InvocationOutcome> run(FunctionProcess process, InvocationRequest request)
            throws InterruptedException {
        boolean reusable = false;
        try {
            process.session().offer(Invocation.of(request, clock.instant()));
            RuntimeSession.Progress progress = process.session().await(request.timeout());
            reusable = progress instanceof RuntimeSession.Progress.Answered;
            return outcome(progress, process, request);
        } finally {
            if (reusable) {
                pool.giveBack(process);
            } else {
                process.kill();
                pool.discard();
            }
        }
    }

    private Optional<InvocationOutcome> outcome(
            RuntimeSession.Progress progress, FunctionProcess process, InvocationRequest request) {
        return switch (progress) {
            case RuntimeSession.Progress.Answered(InvocationOutcome outcome) -> Optional.of(outcome);
            case RuntimeSession.Progress.Untouched() -> untouched(process, request);
            case RuntimeSession.Progress.Broken(RuntimeSession.End end) -> Optional.of(ended(request, end));
            case RuntimeSession.Progress.Overdue() -> {
                LOG.warn("Process {} is killed: its invocation timed out", process.name());
                yield Optional.of(FunctionErrors.timedOut(request.requestId(), request.timeout()));
            }
        };
    }

    /** The event is still ours: either the process has ended, or it lives and never came back for another event. */
    private Optional<InvocationOutcome> untouched(FunctionProcess process, InvocationRequest request) {
        if (process.ended()) {
            return Optional.empty();
        }
        String why = "process " + process.name() + " of function " + function()
                + " did not ask for the next event within " + request.timeout().toMillis()
                + " ms of its last answer and was killed";
        LOG.warn("{}", why);
        return Optional.of(new InvocationOutcome.Unavailable(why, Duration.ZERO));
    }

    private static InvocationOutcome.FunctionError ended(InvocationRequest request, RuntimeSession.End end) {
        return switch (end) {
            case RuntimeSession.End.InitFailed(InvocationOutcome.FunctionError error) -> error;
            case RuntimeSession.End.Exited(int exitCode) ->
                FunctionErrors.exited(request.requestId(), ExitStatus.describe(exitCode));
        };
    }

    private String function() {
        return settings.function().name();
    }

    // ---- The end ----

    /** Asks all processes to end, waits at most the stop timeout for all of them together, and kills the rest. */
    @Override
    public void close() {
        List<FunctionProcess> processes = new ArrayList<>();
        for (Optional<FunctionProcess> process = pool.retire(); process.isPresent(); process = pool.retire()) {
            process.get().terminate();
            processes.add(process.get());
        }
        long deadline = System.nanoTime() + settings.stopTimeout().toNanos();
        for (FunctionProcess process : processes) {
            if (!endsBy(deadline, process)) {
                LOG.warn("Process {} is killed: it did not end by itself", process.name());
                process.kill();
            }
        }
    }

    private static boolean endsBy(long deadlineNanos, FunctionProcess process) {
        try {
            return process.awaitGone(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the rest is killed without waiting for it
            return false;
        }
    }
}
