package dev.millrace.invoker;

import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** The function errors that the invokers themselves find, in AWS's words where AWS has them. */
public final class FunctionErrors {

    /** No answer within the function's timeout (spec 7.3). */
    public static final String TIMED_OUT = "Sandbox.Timedout";

    /** The answer is above {@link #LARGEST_ANSWER}. */
    public static final String ANSWER_TOO_LARGE = "Function.ResponseSizeTooLarge";

    /** AWS's limit of a synchronous answer in bytes: 6 MiB and 100 bytes (spec 7.4, recorded in AWS's own message). */
    public static final int LARGEST_ANSWER = 6 * 1024 * 1024 + 100;

    /** Bound of {@link FunctionError#message()} in characters, so that one failure fits into a line of the log. */
    public static final int LONGEST_MESSAGE = 2_000;

    /** Bound of {@link FunctionError#errorType()} in characters: it is a name. */
    private static final int LONGEST_TYPE = 200;

    private FunctionErrors() {}

    /** A function error with type and message cut to their bounds. */
    public static FunctionError of(String errorType, String message) {
        return new FunctionError(cut(errorType, LONGEST_TYPE), cut(message, LONGEST_MESSAGE));
    }

    public static FunctionError timedOut(String requestId, Duration timeout) {
        double seconds = timeout.toMillis() / 1000.0;
        return of(
                TIMED_OUT,
                String.format(
                        Locale.ROOT, "RequestId: %s Error: Task timed out after %.2f seconds", requestId, seconds));
    }

    public static FunctionError answerTooLarge(long size) {
        return of(
                ANSWER_TOO_LARGE,
                "Response payload size (" + size + " bytes) exceeded maximum allowed payload size (" + LARGEST_ANSWER
                        + " bytes).");
    }

    /** As {@link #answerTooLarge(long)}, when the answer was not read to its end. */
    public static FunctionError answerTooLarge() {
        return of(
                ANSWER_TOO_LARGE,
                "Response payload size exceeded maximum allowed payload size (" + LARGEST_ANSWER + " bytes).");
    }

    /** The beginning of a body as one line of text for a message; empty when there is nothing to read. */
    public static String excerpt(byte[] body, int longest) {
        // A character takes up to four bytes.
        String text = new String(body, 0, Math.min(body.length, longest * 4), StandardCharsets.UTF_8);
        return cut(text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip(), longest);
    }

    private static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
        return text.substring(0, end) + "…";
    }
}
