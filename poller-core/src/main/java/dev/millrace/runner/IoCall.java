package dev.millrace.runner;

import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call to a source or a function, which ends as one event. Threads make one call after the other, so whoever wants to
 * end a call interrupts it through this object: the interrupt reaches the thread only while it makes this very call.
 */
final class IoCall<E> {

    /** What is done; it must end soon after its thread was interrupted. */
    @FunctionalInterface
    interface Body<E> {
        E run() throws SourceException, InterruptedException;
    }

    private enum End {
        /** Nobody waits for its event any more. */
        CANCELLED,
        /** It took longer than it may. */
        OVERDUE
    }

    private final Body<E> body;
    private final Function<SourceProblem, E> failed;
    private final String source;
    private final Instant started;
    private final @Nullable Duration limit;

    private @Nullable Thread thread;
    private @Nullable End end;

    private IoCall(
            Body<E> body, Function<SourceProblem, E> failed, String source, Instant started, @Nullable Duration limit) {
        this.body = body;
        this.failed = failed;
        this.source = source;
        this.started = started;
        this.limit = limit;
    }

    /** A call to the named source, which may take this long; {@code failed} makes the event of its failure. */
    static <E> IoCall<E> limited(
            Body<E> body, Function<SourceProblem, E> failed, String source, Instant started, Duration limit) {
        return new IoCall<>(body, failed, source, started, limit);
    }

    /** A call that keeps its own time limit and does not fail. */
    static <E> IoCall<E> unlimited(Body<E> body, Instant started) {
        return new IoCall<>(
                body,
                problem -> {
                    throw new IllegalStateException("not a call to a source: " + problem);
                },
                "",
                started,
                null);
    }

    /**
     * Makes the call on this thread and answers its event; null when it was cancelled.
     *
     * @throws InterruptedException when its thread was interrupted by somebody else
     */
    @Nullable
    E make() throws InterruptedException {
        try {
            begin();
            return body.run();
        } catch (SourceException e) {
            return failed.apply(e.problem());
        } catch (InterruptedException e) {
            return interrupted(e);
        } finally {
            end();
        }
    }

    private synchronized void begin() throws InterruptedException {
        if (end != null) {
            throw new InterruptedException("ended before it began");
        }
        thread = Thread.currentThread();
    }

    private synchronized void end() {
        thread = null;
        // Its own interrupt may have come too late to be noticed; the thread's next call must not notice it instead.
        boolean _ = Thread.interrupted();
    }

    private synchronized @Nullable E interrupted(InterruptedException e) throws InterruptedException {
        return switch (end) {
            case null -> throw e;
            case CANCELLED -> null;
            case OVERDUE -> failed.apply(TimeLimit.exceeded(Objects.requireNonNull(limit), source));
        };
    }

    /** Ends the call without an event. */
    void cancel() {
        interrupt(End.CANCELLED);
    }

    /** Ends the call as failed when it has taken longer than it may. */
    void endIfOverdue(Instant now) {
        if (limit != null && now.isAfter(started.plus(limit))) {
            interrupt(End.OVERDUE);
        }
    }

    private synchronized void interrupt(End why) {
        if (end != End.CANCELLED) {
            end = why;
        }
        if (thread != null) {
            thread.interrupt();
        }
    }
}
