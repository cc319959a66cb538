package dev.millrace.testkit.sqs;

import java.util.concurrent.CountDownLatch;

/** What goes wrong with a call to SQS that passes a {@link SqsProxy}. */
public sealed interface SqsFault {

    /**
     * SQS refuses the call: the server does not hear of it.
     *
     * @param status HTTP status
     * @param code as SQS's JSON protocol has it behind {@code __type}
     */
    record Refused(int status, String code) implements SqsFault {}

    /** The connection ends before the call reaches the server. */
    record Disconnected() implements SqsFault {}

    /** The server does what it is asked for, and the connection ends before its answer arrives. */
    record AnswerLost() implements SqsFault {}

    /** Success, though the server does not hear of the call: receives bring nothing at once, deletes delete nothing. */
    record Swallowed() implements SqsFault {}

    /** No answer, until the client gives up. The server does not hear of the call. */
    record Stalled() implements SqsFault {}

    /** The server does what it is asked for; its answer waits for the latch. */
    record Held(CountDownLatch until) implements SqsFault {}

    /** As SQS answers credentials without the right that the call needs. */
    static SqsFault accessDenied() {
        return new Refused(403, "AccessDenied");
    }

    static SqsFault queueDoesNotExist() {
        return new Refused(400, "QueueDoesNotExist");
    }

    static SqsFault throttled() {
        return new Refused(403, "RequestThrottled");
    }

    static SqsFault internalError() {
        return new Refused(500, "InternalFailure");
    }
}
