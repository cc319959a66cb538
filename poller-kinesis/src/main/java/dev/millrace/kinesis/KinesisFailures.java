package dev.millrace.kinesis;

import dev.millrace.aws.CallFailure;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/** Says what a failed call to a stream means: which kind of problem, in words an operator can act upon. Immutable. */
final class KinesisFailures {

    private static final Set<String> EXPIRED = Set.of("ExpiredIteratorException", "ExpiredNextTokenException");

    private static final Set<String> THROTTLED = Set.of("KMSThrottlingException", "LimitExceededException");

    private static final Set<String> KEY_UNUSABLE = Set.of(
            "KMSAccessDeniedException",
            "KMSDisabledException",
            "KMSInvalidStateException",
            "KMSNotFoundException",
            "KMSOptInRequired");

    private static final String NOT_READY = "ResourceInUseException";

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
        CallFailure failure = CallFailure.of(unwrapped(e), address.source().toString());
        return new SourceException(problem(failure, action), e);
    }

    /** Whether the failure says that the stream no longer has what follows a position that it once had. */
    static boolean isTrimmed(InvalidArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return FOREIGN.stream().noneMatch(message::contains);
    }

    /** The problem of reading on from a position that is older than what the stream still has. */
    SourceException trimmed(InvalidArgumentException e) {
        return new SourceException(
                problem(
                        Kind.TRIMMED,
                        address.place() + " no longer has the records that follow the stored position ("
                                + e.getMessage()
                                + "). They are older than the stream's retention; lengthen it to have more time"),
                e);
    }

    /** The exception that tells why a subscription was refused or broke off; the shard is read on by GetRecords. */
    SourceException ofSubscription(Throwable e, String shardId) throws InterruptedException {
        Throwable cause = unwrapped(e);
        if (cause instanceof ResourceNotFoundException) {
            // Not of the kind NOT_FOUND, which would mean that the shard is gone; GetRecords tells whether it is.
            return new SourceException(
                    problem(
                            Kind.REJECTED,
                            address.place() + " knows no such consumer of shard " + shardId + " (" + cause.getMessage()
                                    + "). Register it, or correct EventSourceArn; " + MEANWHILE),
                    e);
        }
        if (cause instanceof ResourceInUseException) {
            return new SourceException(
                    problem(
                            Kind.UNAVAILABLE,
                            "the subscription to shard " + shardId + " is refused or was taken over ("
                                    + cause.getMessage()
                                    + "). If this goes on, somebody else uses the same consumer; " + MEANWHILE),
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

    /** The exception that tells of subscriptions that end before their time, as they do when connections are cut. */
    SourceException cutSubscription(String shardId, int times) {
        SourceProblem problem = problem(
                Kind.UNAVAILABLE,
                "the subscription to shard " + shardId + " at " + address.place() + " was cut " + times
                        + " times in a row, soon after it had begun. Check whether something on the way there, such as"
                        + " a proxy, ends connections; " + MEANWHILE);
        return new SourceException(problem, new IllegalStateException(problem.message()));
    }

    /** The cause of what a future failed with. */
    private static Throwable unwrapped(Throwable e) {
        boolean wrapped = e instanceof CompletionException || e instanceof ExecutionException;
        return wrapped && e.getCause() != null ? unwrapped(e.getCause()) : e;
    }

    private SourceProblem problem(CallFailure failure, String action) {
        return switch (failure) {
            case CallFailure.Refused refused -> refused(refused, action);
            case CallFailure.NoCredentials() ->
                problem(
                        Kind.ACCESS_DENIED,
                        "no AWS credentials were found. Give the daemon some: environment variables, a profile, web"
                                + " identity, or the role of the container or instance");
            case CallFailure.TimedOut() ->
                problem(Kind.UNAVAILABLE, address.place() + " does not answer in time. It will be tried again");
            case CallFailure.Unreachable(var reason) ->
                problem(
                        Kind.UNAVAILABLE,
                        "cannot reach " + address.place() + ", or its answer broke off: " + reason
                                + ". Check that it is up and that the network lets the daemon there"
                                + "; it will be tried again");
            case CallFailure.Broken(var reason) -> problem(Kind.REJECTED, "the call failed: " + reason);
        };
    }

    private SourceProblem refused(CallFailure.Refused refused, String action) {
        String answer = refused.text();
        if (EXPIRED.contains(refused.code())) {
            return problem(Kind.EXPIRED_ITERATOR, "it was not read for too long (" + answer + "). It is read anew");
        }
        if (THROTTLED.contains(refused.code())) {
            return throttled(answer);
        }
        if (KEY_UNUSABLE.contains(refused.code())) {
            return problem(
                    Kind.ACCESS_DENIED,
                    "the stream's encryption key cannot be used (" + answer
                            + "). The credentials need kms:Decrypt, and the key must be enabled");
        }
        if (NOT_READY.equals(refused.code())) {
            return problem(Kind.UNAVAILABLE, "it is not ready (" + answer + "). It will be tried again");
        }
        return switch (refused.kind()) {
            case NOT_FOUND ->
                problem(
                        Kind.NOT_FOUND,
                        "it does not exist at " + address.place() + ", or these credentials may not see it (" + answer
                                + "). Create it, or correct EventSourceArn or the endpoint");
            case THROTTLED -> throttled(answer);
            case ACCESS_DENIED ->
                problem(
                        Kind.ACCESS_DENIED,
                        address.place() + " denies access (" + answer + "). The credentials need " + action
                                + "; all that a mapping of this source needs: " + neededActions()
                                + ", and kms:Decrypt for an encrypted stream");
            case SERVER_ERROR ->
                problem(Kind.UNAVAILABLE, address.place() + " failed (" + answer + "). It will be tried again");
            case REJECTED -> problem(Kind.REJECTED, address.place() + " refused the call (" + answer + ")");
        };
    }

    private SourceProblem throttled(String answer) {
        return problem(
                Kind.THROTTLED,
                address.place() + " asks to be called less often (" + answer
                        + "). It will be obeyed. All consumers of a shard share 5 reads and 2 MiB a second; more"
                        + " shards or a consumer with enhanced fan-out give more");
    }

    /** Spec 10. */
    private String neededActions() {
        return "kinesis:DescribeStreamSummary, kinesis:ListShards, kinesis:GetShardIterator, kinesis:GetRecords"
                + (address.isConsumer() ? ", kinesis:SubscribeToShard" : "");
    }

    private SourceProblem problem(Kind kind, String what) {
        return new SourceProblem(kind, address.source() + ": " + what + ".");
    }
}
