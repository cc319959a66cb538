package dev.millrace.invoke;

import java.time.Duration;
import java.util.List;

/** How an invocation ended (spec 4.1). */
public sealed interface InvocationOutcome {

    /** The function answered; what the answer says has not been read yet. */
    record Succeeded(Payload answer) implements InvocationOutcome {}

    /** The function answered that these items failed; every other item of the batch is done. Never empty. */
    record BatchItemFailures(List<String> itemIdentifiers) implements InvocationOutcome {
        public BatchItemFailures {
            itemIdentifiers = List.copyOf(itemIdentifiers);
        }
    }

    /**
     * The function ran and failed, timed out, or gave an answer that breaks the response contract.
     *
     * @param errorType short and stable, such as {@code Sandbox.Timedout} or the function's own exception name
     * @param message for people; bounded by the invoker
     */
    record FunctionError(String errorType, String message) implements InvocationOutcome {}

    /**
     * The function did not run because it is at a limit (429).
     *
     * @param reason such as {@code ReservedFunctionConcurrentInvocationLimitExceeded}
     * @param retryAfter what the function asked for; zero when it did not say
     */
    record Throttled(String reason, Duration retryAfter) implements InvocationOutcome {}

    /**
     * The function could not be reached, so it surely or most likely did not run; consumes no retry.
     *
     * @param reason for people
     * @param retryAfter what the function asked for; zero when it did not say
     */
    record Unavailable(String reason, Duration retryAfter) implements InvocationOutcome {}

    /** The event is larger than the function's front end takes (413). */
    record TooLarge(String reason) implements InvocationOutcome {}
}
