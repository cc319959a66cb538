package dev.millrace.invoke;

import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.time.Duration;
import java.util.Locale;

/** The function errors that the invokers themselves find, in AWS's words where AWS has them. */
public final class FunctionErrors {

    /** No answer within the function's timeout (spec 7.3). */
    public static final String TIMED_OUT = "Sandbox.Timedout";

    /** The function's process failed to start or died. */
    public static final String EXITED = "Runtime.ExitError";

    /** The answer is above {@link #LARGEST_ANSWER}. */
    public static final String ANSWER_TOO_LARGE = "Function.ResponseSizeTooLarge";

    /** What Lambda says of an error in {@code X-Amz-Function-Error} when it says no more (spec 7.3). */
    public static final String UNHANDLED = "Unhandled";

    /** Lambda's word for an error that a runtime reports without a name. */
    public static final String UNKNOWN = "Function.Unknown";

    /** AWS's limit of a synchronous answer in bytes: 6 MiB and 100 bytes (spec 7.4, recorded in AWS's own message). */
    public static final int LARGEST_ANSWER = 6 * 1024 * 1024 + 100;

    private FunctionErrors() {}

    /** The function did not answer within its timeout. */
    public static FunctionError timedOut(String requestId, Duration timeout) {
        return timedOut(requestId, "Task", timeout);
    }

    /** The function's environment was not ready within the time for that. */
    public static FunctionError initTimedOut(String requestId, Duration timeout) {
        return timedOut(requestId, "Init", timeout);
    }

    private static FunctionError timedOut(String requestId, String what, Duration timeout) {
        return new FunctionError(
                TIMED_OUT,
                String.format(
                        Locale.ROOT,
                        "RequestId: %s Error: %s timed out after %.2f seconds",
                        requestId,
                        what,
                        timeout.toMillis() / 1000.0));
    }

    /** The function's process ended before it had answered. */
    public static FunctionError exited(String requestId, String how) {
        return new FunctionError(EXITED, "RequestId: " + requestId + " Error: " + how);
    }

    /**
     * The answer is above {@link #LARGEST_ANSWER}.
     *
     * @param size of the answer in bytes
     */
    public static FunctionError answerTooLarge(long size) {
        return new FunctionError(
                ANSWER_TOO_LARGE,
                "Response payload size (" + size + " bytes) exceeded maximum allowed payload size (" + LARGEST_ANSWER
                        + " bytes).");
    }

    /** As {@link #answerTooLarge(long)}, when the answer was not read to its end. */
    public static FunctionError answerTooLarge() {
        return new FunctionError(
                ANSWER_TOO_LARGE,
                "Response payload size exceeded maximum allowed payload size (" + LARGEST_ANSWER + " bytes).");
    }
}
