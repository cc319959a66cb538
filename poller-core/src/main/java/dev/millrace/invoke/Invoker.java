package dev.millrace.invoke;

import java.util.OptionalInt;

/**
 * Invokes one function. Made by an {@link InvokerProvider}.
 *
 * <p>Called from many virtual threads at once, one call per invocation, never more than the function's concurrency.
 * Implementations block; they must end within {@link InvocationRequest#timeout()} plus what their transport needs to
 * give up, and end at once when interrupted. They never retry by themselves: retrying is the machine's decision.
 */
public interface Invoker extends AutoCloseable {

    /**
     * Invokes the function and waits for its answer.
     *
     * @return {@link InvocationOutcome.Succeeded} with the raw answer, or how it failed; never
     *     {@link InvocationOutcome.BatchItemFailures} or {@link InvocationOutcome.MalformedAnswer}, which
     *     {@link AnswerReader} makes of the answer
     * @throws InterruptedException when the daemon stops; whether the function ran is then unknown
     */
    InvocationOutcome invoke(InvocationRequest request) throws InterruptedException;

    /**
     * How many invocations it takes at a time; empty when it does not know. Mappings then never ask for more, so nothing is
     * throttled that could have waited in its queue. Constant.
     */
    default OptionalInt capacity() {
        return OptionalInt.empty();
    }

    /** Ends everything the invoker started. Called once, after the last {@link #invoke} has returned. */
    @Override
    void close();
}
