package dev.millrace.sqs;

import dev.millrace.aws.CallFailure;
import dev.millrace.aws.ServicePlace;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import software.amazon.awssdk.core.exception.SdkException;

/** Says what a failed call to a queue means: which kind of problem, in words an operator can act upon. Immutable. */
final class SqsFailures {

    private final Arn queue;
    private final ServicePlace place;

    /**
     * Speaks of one queue.
     *
     * @param place where it was looked for
     */
    SqsFailures(Arn queue, ServicePlace place) {
        this.queue = queue;
        this.place = place;
    }

    /**
     * The exception that tells what went wrong.
     *
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    SourceException of(SdkException e) throws InterruptedException {
        return new SourceException(problem(CallFailure.of(e, queue.toString())), e);
    }

    private SourceProblem problem(CallFailure failure) {
        return switch (failure) {
            case CallFailure.Refused refused -> refused(refused);
            case CallFailure.NoCredentials(var temporary, var text) ->
                problem(temporary ? Kind.UNAVAILABLE : Kind.ACCESS_DENIED, text);
            case CallFailure.TimedOut() ->
                problem(Kind.UNAVAILABLE, place + " does not answer in time. It will be tried again");
            case CallFailure.Unreachable(var reason) ->
                problem(
                        Kind.UNAVAILABLE,
                        "cannot reach " + place + ": " + reason
                                + ". Check that it is up and that the network lets the daemon there"
                                + "; it will be tried again");
            case CallFailure.Broken(var reason) -> problem(Kind.REJECTED, "the call failed: " + reason);
        };
    }

    private SourceProblem refused(CallFailure.Refused refused) {
        String answer = refused.text();
        return switch (refused.kind()) {
            case NOT_FOUND ->
                problem(
                        Kind.NOT_FOUND,
                        "the queue does not exist at " + place + ", or these credentials may not see it (" + answer
                                + "). Create it, or correct EventSourceArn or the endpoint");
            case THROTTLED ->
                problem(Kind.THROTTLED, place + " asks to be called less often (" + answer + "). It will be obeyed");
            case ACCESS_DENIED ->
                problem(
                        Kind.ACCESS_DENIED,
                        place + " denies access (" + answer
                                + "). The credentials need sqs:ReceiveMessage, sqs:DeleteMessage,"
                                + " sqs:ChangeMessageVisibility, sqs:GetQueueAttributes, and kms:Decrypt for an"
                                + " encrypted queue");
            case SERVER_ERROR -> problem(Kind.UNAVAILABLE, place + " failed (" + answer + "). It will be tried again");
            case REJECTED -> problem(Kind.REJECTED, place + " refused the call (" + answer + ")");
        };
    }

    private SourceProblem problem(Kind kind, String what) {
        return new SourceProblem(kind, queue + ": " + what + ".");
    }
}
