package dev.millrace.invoke;

import java.time.Duration;
import java.util.List;

/** How an invocation ended (spec 4.1). */
public sealed interface InvocationOutcome {

    /** Bound of messages and reasons in characters, so that one failure fits into a line of the log. */
    int LONGEST_TEXT = 2_000;

    /** Bound of error types in characters: they are names. */
    int LONGEST_TYPE = 200;

    /** The longest wait that a function may ask for: what one invocation may take (spec 1.1: Timeout 900 s). */
    Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(15);

    /** The function answered; what the answer says has not been read yet. */
    record Succeeded(Payload answer) implements InvocationOutcome {}

    /** The function answered that these items failed; every other item of the batch is done. Never empty. */
    record BatchItemFailures(List<String> itemIdentifiers) implements InvocationOutcome {
        public BatchItemFailures {
            itemIdentifiers = List.copyOf(itemIdentifiers);
        }
    }

    /**
     * The function answered something that is no report of batch item failures, so nothing is known of any item: the
     * whole batch counts as failed.
     *
     * @param reason for people; cut at {@value #LONGEST_TEXT} characters
     */
    record MalformedAnswer(String reason) implements InvocationOutcome {
        public MalformedAnswer {
            reason = Excerpt.of(reason, LONGEST_TEXT);
        }
    }

    /**
     * The function ran and failed or timed out, or its answer could not be taken.
     *
     * @param errorType short and stable, such as {@code Sandbox.Timedout} or the function's own exception name; cut at
     *     {@value #LONGEST_TYPE} characters
     * @param message for people; cut at {@value #LONGEST_TEXT} characters
     */
    record FunctionError(String errorType, String message) implements InvocationOutcome {
        public FunctionError {
            errorType = Excerpt.of(errorType, LONGEST_TYPE);
            message = Excerpt.of(message, LONGEST_TEXT);
        }
    }

    /**
     * The function did not run because it is at a limit (429).
     *
     * @param reason one of the constants or the function's own; cut at {@value #LONGEST_TEXT} characters
     * @param retryAfter what the function asked for, from zero to {@link #LONGEST_RETRY_AFTER}; zero when it did not say
     */
    record Throttled(String reason, Duration retryAfter) implements InvocationOutcome {

        /** AWS's reason when a function is at its reserved concurrency (spec 7.3). */
        public static final String AT_RESERVED_CONCURRENCY = "ReservedFunctionConcurrentInvocationLimitExceeded";

        /** AWS's reason when there is no room for another invocation: here, in what the invoker can take (spec 7.3). */
        public static final String AT_CAPACITY = "ConcurrentInvocationLimitExceeded";

        public Throttled {
            reason = Excerpt.of(reason, LONGEST_TEXT);
            retryAfter = bounded(retryAfter);
        }
    }

    /**
     * The function could not be reached, so it surely or most likely did not run; consumes no retry.
     *
     * @param reason for people; cut at {@value #LONGEST_TEXT} characters
     * @param retryAfter what the function asked for, from zero to {@link #LONGEST_RETRY_AFTER}; zero when it did not say
     */
    record Unavailable(String reason, Duration retryAfter) implements InvocationOutcome {
        public Unavailable {
            reason = Excerpt.of(reason, LONGEST_TEXT);
            retryAfter = bounded(retryAfter);
        }
    }

    /**
     * The event is larger than the function's front end takes (413).
     *
     * @param reason for people; cut at {@value #LONGEST_TEXT} characters
     */
    record TooLarge(String reason) implements InvocationOutcome {
        public TooLarge {
            reason = Excerpt.of(reason, LONGEST_TEXT);
        }
    }

    /** What went wrong, for people; empty for a success. */
    default String detail() {
        return switch (this) {
            case Succeeded _ -> "";
            case BatchItemFailures(var failures) -> failures.size() + " failed";
            case MalformedAnswer(var reason) -> reason;
            case FunctionError(var type, var message) -> type + ": " + message;
            case Throttled(var reason, var _) -> reason;
            case Unavailable(var reason, var _) -> reason;
            case TooLarge(var reason) -> reason;
        };
    }

    private static Duration bounded(Duration retryAfter) {
        if (retryAfter.isNegative()) {
            return Duration.ZERO;
        }
        return retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : retryAfter;
    }
}
