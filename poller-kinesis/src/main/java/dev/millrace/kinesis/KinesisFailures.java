package dev.millrace.kinesis;

import dev.millrace.aws.CredentialsNotFoundException;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.KmsDisabledException;
import software.amazon.awssdk.services.kinesis.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kinesis.model.KmsNotFoundException;
import software.amazon.awssdk.services.kinesis.model.KmsOptInRequiredException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/** Says what a failed call to a stream means: which kind of problem, in words an operator can act upon. Immutable. */
final class KinesisFailures {

    /** As in the error codes of servers whose answers the SDK does not know the type of. */
    private static final Set<String> THROTTLED = Set.of(
            "KMSThrottlingException",
            "LimitExceededException",
            "ProvisionedThroughputExceededException",
            "ThrottlingException");

    /**
     * What Kinesis says of a sequence number that was never in the shard, as happens when a stream was deleted and created
     * anew; any other complaint about a stored position means that it is too old.
     */
    private static final Set<String> FOREIGN = Set.of("did not come from this stream", "It encodes ");

    private static final String MEANWHILE = "meanwhile the shard is read by GetRecords";

    private final StreamAddress address;

    /** Speaks of one stream. */
    KinesisFailures(StreamAddress address) {
        this.address = address;
    }

    /**
     * The exception that tells what went wrong.
     *
     * @param action the right that the call needs, such as {@code kinesis:GetRecords}
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    SourceException of(Throwable e, String action) throws InterruptedException {
        if (SdkFailure.isInterrupt(e)) {
            throw new InterruptedException("interrupted while calling " + address.source());
        }
        return new SourceException(problem(unwrapped(e), action), e);
    }

    /** Whether the failure says that the stream no longer has what follows a position that it once had. */
    static boolean isTrimmed(InvalidArgumentException e) {
        String message = SdkFailure.message(e);
        return FOREIGN.stream().noneMatch(message::contains);
    }

    /** The problem of reading on from a position that is older than what the stream still has. */
    SourceException trimmed(InvalidArgumentException e) {
        return new SourceException(
                problem(
                        Kind.TRIMMED,
                        address.place() + " no longer has the records that follow the stored position (" + answer(e)
                                + "). They are older than the stream's retention; lengthen it to have more time"),
                e);
    }

    /** The exception that tells why a subscription was refused or broke off; the shard is read on by GetRecords. */
    SourceException ofSubscription(Throwable e, String shardId) throws InterruptedException {
        Throwable cause = unwrapped(e);
        if (cause instanceof ResourceNotFoundException answered) {
            // Not of the kind NOT_FOUND, which would mean that the shard is gone; GetRecords tells whether it is.
            return new SourceException(
                    problem(
                            Kind.REJECTED,
                            address.place() + " knows no such consumer of shard " + shardId + " (" + answer(answered)
                                    + "). Register it, or correct EventSourceArn; " + MEANWHILE),
                    e);
        }
        if (cause instanceof ResourceInUseException answered) {
            return new SourceException(
                    problem(
                            Kind.UNAVAILABLE,
                            "the subscription to shard " + shardId + " is refused or was taken over ("
                                    + answer(answered) + "). If this goes on, somebody else uses the same consumer; "
                                    + MEANWHILE),
                    e);
        }
        return of(e, "kinesis:SubscribeToShard");
    }

    /** Whether somebody else has, or has just had, the subscription. */
    static boolean isTaken(Throwable e) {
        return unwrapped(e) instanceof ResourceInUseException;
    }

    /** The exception that tells of a subscription that brings nothing, not even the usual empty events. */
    SourceException silentSubscription(String shardId, Duration time) {
        SourceProblem problem = problem(
                Kind.UNAVAILABLE,
                address.place() + " sent nothing for " + time.toSeconds() + " s by the subscription to shard " + shardId
                        + ". It is subscribed anew");
        return new SourceException(problem, new IllegalStateException(problem.message()));
    }

    /** The cause of what a future failed with. */
    private static Throwable unwrapped(Throwable e) {
        boolean wrapped = e instanceof CompletionException || e instanceof ExecutionException;
        return wrapped && e.getCause() != null ? unwrapped(e.getCause()) : e;
    }

    private SourceProblem problem(Throwable e, String action) {
        if (e instanceof AwsServiceException answered) {
            return answered(answered, action);
        }
        if (SdkFailure.cause(e, CredentialsNotFoundException.class) != null) {
            return problem(
                    Kind.ACCESS_DENIED,
                    "no AWS credentials were found. Give the daemon some: environment variables, a profile, web"
                            + " identity, or the role of the container or instance");
        }
        if (SdkFailure.cause(e, SocketTimeoutException.class) != null) {
            return problem(Kind.UNAVAILABLE, address.place() + " does not answer in time. It will be tried again");
        }
        IOException io = SdkFailure.cause(e, IOException.class);
        if (io != null) {
            return problem(
                    Kind.UNAVAILABLE,
                    "cannot reach " + address.place() + ", or its answer broke off: " + io
                            + ". Check that it is up and that the network lets the daemon there"
                            + "; it will be tried again");
        }
        return problem(Kind.REJECTED, "the call failed: " + e);
    }

    private SourceProblem answered(AwsServiceException e, String action) {
        String answer = answer(e);
        if (e instanceof ExpiredIteratorException || e instanceof ExpiredNextTokenException) {
            return problem(Kind.EXPIRED_ITERATOR, "it was not read for too long (" + answer + "). It is read anew");
        }
        if (e instanceof ResourceNotFoundException) {
            return problem(
                    Kind.NOT_FOUND,
                    "it does not exist at " + address.place() + ", or these credentials may not see it (" + answer
                            + "). Create it, or correct EventSourceArn or the endpoint");
        }
        if (isThrottling(e)) {
            return problem(
                    Kind.THROTTLED,
                    address.place() + " asks to be called less often (" + answer
                            + "). It will be obeyed. All consumers of a shard share 5 reads and 2 MiB a second; more"
                            + " shards or a consumer with enhanced fan-out give more");
        }
        if (isKeyTrouble(e)) {
            return problem(
                    Kind.ACCESS_DENIED,
                    "the stream's encryption key cannot be used (" + answer
                            + "). The credentials need kms:Decrypt, and the key must be enabled");
        }
        if (SdkFailure.isAccessDenied(e)) {
            return problem(
                    Kind.ACCESS_DENIED,
                    address.place() + " denies access (" + answer + "). The credentials need " + action
                            + "; all that a mapping of this source needs: " + neededActions()
                            + ", and kms:Decrypt for an encrypted stream");
        }
        if (e instanceof ResourceInUseException) {
            return problem(Kind.UNAVAILABLE, "it is not ready (" + answer + "). It will be tried again");
        }
        if (e.statusCode() >= 500) {
            return problem(Kind.UNAVAILABLE, address.place() + " failed (" + answer + "). It will be tried again");
        }
        return problem(Kind.REJECTED, address.place() + " refused the call (" + answer + ")");
    }

    private static boolean isThrottling(AwsServiceException e) {
        return e instanceof ProvisionedThroughputExceededException
                || e instanceof LimitExceededException
                || e instanceof KmsThrottlingException
                || e.isThrottlingException()
                || e.statusCode() == 429
                || THROTTLED.contains(SdkFailure.code(e));
    }

    private static boolean isKeyTrouble(AwsServiceException e) {
        return e instanceof KmsAccessDeniedException
                || e instanceof KmsDisabledException
                || e instanceof KmsInvalidStateException
                || e instanceof KmsNotFoundException
                || e instanceof KmsOptInRequiredException;
    }

    /** Spec 10. */
    private String neededActions() {
        return "kinesis:DescribeStreamSummary, kinesis:ListShards, kinesis:GetShardIterator, kinesis:GetRecords"
                + (address.isConsumer() ? ", kinesis:SubscribeToShard" : "");
    }

    private static String answer(AwsServiceException e) {
        return e.statusCode() + " " + SdkFailure.code(e) + ": " + SdkFailure.message(e);
    }

    private SourceProblem problem(Kind kind, String what) {
        return new SourceProblem(kind, address.source() + ": " + what + ".");
    }
}
