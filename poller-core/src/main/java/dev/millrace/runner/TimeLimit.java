package dev.millrace.runner;

import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes a call to a source on a thread of its own, and leaves it behind when it does not answer in time. */
final class TimeLimit {

    /** What is called; it should end soon after its thread was interrupted. */
    @FunctionalInterface
    interface Call<T> {
        T make() throws SourceException, InterruptedException;
    }

    private TimeLimit() {}

    /**
     * Answers what the call answers.
     *
     * @param source for people: what is called
     * @throws SourceException what the call threw, or that it took too long
     */
    static <T> T within(Duration limit, String source, Call<T> call) throws SourceException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(call::make);
        Thread.ofVirtual().name("call/" + source).start(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SourceException(exceeded(limit, source), e);
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            // Does nothing to a call that has ended.
            task.cancel(true);
        }
    }

    /** The problem of a call that was left behind or ended because it took longer than it may. */
    static SourceProblem exceeded(Duration limit, String source) {
        String message = source + ": does not answer in time: " + limit.toSeconds()
                + " seconds. The connection hangs or the server is overloaded. It will be tried again.";
        return new SourceProblem(SourceProblem.Kind.UNAVAILABLE, message);
    }

    private static SourceException failure(ExecutionException e) {
        return switch (e.getCause()) {
            case SourceException failure -> failure;
            case RuntimeException defect -> throw defect;
            case Error error -> throw error;
            case null, default -> throw new IllegalStateException("a call ended by itself: " + e.getCause(), e);
        };
    }
}
