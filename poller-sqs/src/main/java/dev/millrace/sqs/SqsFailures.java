package dev.millrace.sqs;

import dev.millrace.aws.CallFailure;
import dev.millrace.aws.CredentialsNotFoundException;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Says what a failed call to a queue means: which kind of problem, in words an operator can act upon. Immutable. */
final class SqsFailures {

    private static final Set<String> NOT_FOUND = Set.of(
            "AWS.SimpleQueueService.NonExistentQueue",
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.QueueDeletedRecently");

    /** OverLimit: as many messages are in flight as the queue allows, so receiving less is the only cure. */
    private static final Set<String> THROTTLED =
            Set.of("AWS.SimpleQueueService.OverLimit", "KMS.ThrottlingException", "KmsThrottled", "OverLimit");

    private final Arn queue;
    private final String place;

    /**
     * Speaks of one queue.
     *
     * @param place where it was looked for: the endpoint override, or AWS's region
     */
    SqsFailures(Arn queue, String place) {
        this.queue = queue;
        this.place = place;
    }

    static boolean isNotFound(SqsException e) {
        return e instanceof QueueDoesNotExistException || NOT_FOUND.contains(CallFailure.code(e));
    }

    /**
     * The exception that tells what went wrong.
     *
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    SourceException of(SdkException e) throws InterruptedException {
        if (CallFailure.isInterrupt(e)) {
            throw new InterruptedException("interrupted while calling " + queue);
        }
        return new SourceException(problem(e), e);
    }

    private SourceProblem problem(SdkException e) {
        if (e instanceof SqsException answer) {
            return answered(answer);
        }
        if (CallFailure.cause(e, CredentialsNotFoundException.class) != null) {
            return problem(
                    Kind.ACCESS_DENIED,
                    "no AWS credentials were found. Give the daemon some: environment variables, a profile, web"
                            + " identity, or the role of the container or instance");
        }
        if (CallFailure.cause(e, SocketTimeoutException.class) != null) {
            return problem(Kind.UNAVAILABLE, place + " does not answer in time. It will be tried again");
        }
        IOException io = CallFailure.cause(e, IOException.class);
        if (io != null) {
            return problem(
                    Kind.UNAVAILABLE,
                    "cannot reach " + place + ": " + io
                            + ". Check that it is up and that the network lets the daemon there"
                            + "; it will be tried again");
        }
        return problem(Kind.REJECTED, "the call failed: " + e.getMessage());
    }

    private SourceProblem answered(SqsException e) {
        String answer = e.statusCode() + " " + CallFailure.code(e) + ": " + CallFailure.message(e);
        if (isNotFound(e)) {
            return problem(
                    Kind.NOT_FOUND,
                    "the queue does not exist at " + place + ", or these credentials may not see it (" + answer
                            + "). Create it, or correct EventSourceArn or the endpoint");
        }
        // Before the status is looked at: SQS throttles with 400 and with 403.
        if (e.isThrottlingException() || e.statusCode() == 429 || THROTTLED.contains(CallFailure.code(e))) {
            return problem(Kind.THROTTLED, place + " asks to be called less often (" + answer + "). It will be obeyed");
        }
        if (CallFailure.isAccessDenied(e)) {
            return problem(
                    Kind.ACCESS_DENIED,
                    place + " denies access (" + answer
                            + "). The credentials need sqs:ReceiveMessage, sqs:DeleteMessage,"
                            + " sqs:ChangeMessageVisibility, sqs:GetQueueAttributes, and kms:Decrypt for an encrypted"
                            + " queue");
        }
        if (e.statusCode() >= 500) {
            return problem(Kind.UNAVAILABLE, place + " failed (" + answer + "). It will be tried again");
        }
        return problem(Kind.REJECTED, place + " refused the call (" + answer + ")");
    }

    private SourceProblem problem(Kind kind, String what) {
        return new SourceProblem(kind, queue + ": " + what + ".");
    }
}
