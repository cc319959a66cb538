package dev.millrace.kinesis;

import dev.millrace.aws.stream.StreamFailures;
import dev.millrace.aws.stream.StreamFailures.Words;
import dev.millrace.source.SourceException;
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

    /**
     * What Kinesis says of a sequence number that was never in the shard, as happens when a stream was deleted and created
     * anew; any other complaint about a stored position means that it is too old.
     */
    private static final Set<String> FOREIGN = Set.of("did not come from this stream", "It encodes ");

    private static final String MEANWHILE = "meanwhile the shard is read by GetRecords";

    private final StreamAddress address;
    private final StreamFailures failures;

    /** Speaks of one stream. */
    KinesisFailures(StreamAddress address) {
        this.address = address;
        this.failures = new StreamFailures(address.source(), address.place(), words(address));
    }

    private static Words words(StreamAddress address) {
        // Spec 10.
        String rights =
                "kinesis:DescribeStreamSummary, kinesis:ListShards, kinesis:GetShardIterator, kinesis:GetRecords"
                        + (address.isConsumer() ? ", kinesis:SubscribeToShard" : "")
                        + ", and kms:Decrypt for an encrypted stream";
        return new Words(
                rights,
                "All consumers of a shard share 5 reads and 2 MiB a second; more shards or a consumer with enhanced"
                        + " fan-out give more",
                "; lengthen it to have more time");
    }

    /**
     * The exception that tells what went wrong.
     *
     * @param action the right that the call needs, such as {@code kinesis:GetRecords}
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    SourceException of(Throwable e, String action) throws InterruptedException {
        return failures.of(unwrapped(e), action);
    }

    /** Whether the failure says that the stream no longer has what follows a position that it once had. */
    static boolean isTrimmed(InvalidArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return FOREIGN.stream().noneMatch(message::contains);
    }

    /** The problem of reading on from a position that is older than what the stream still has. */
    SourceException trimmed(InvalidArgumentException e) {
        return failures.trimmed(String.valueOf(e.getMessage()), e);
    }

    /** The exception that tells why a subscription was refused or broke off; the shard is read on by GetRecords. */
    SourceException ofSubscription(Throwable e, String shardId) throws InterruptedException {
        Throwable cause = unwrapped(e);
        if (cause instanceof ResourceNotFoundException) {
            // Not of the kind NOT_FOUND, which would mean that the shard is gone; GetRecords tells whether it is.
            return failures.of(
                    Kind.REJECTED,
                    address.place() + " knows no such consumer of shard " + shardId + " (" + cause.getMessage()
                            + "). Register it, or correct EventSourceArn; " + MEANWHILE,
                    e);
        }
        if (cause instanceof ResourceInUseException) {
            return failures.of(
                    Kind.UNAVAILABLE,
                    "the subscription to shard " + shardId + " is refused or was taken over (" + cause.getMessage()
                            + "). If this goes on, somebody else uses the same consumer; " + MEANWHILE,
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
        return failures.of(
                Kind.UNAVAILABLE,
                address.place() + " sent nothing for " + time.toSeconds() + " s by the subscription to shard " + shardId
                        + ". It is subscribed anew");
    }

    /** The exception that tells of subscriptions that end before their time, as they do when connections are cut. */
    SourceException cutSubscription(String shardId, int times) {
        return failures.of(
                Kind.UNAVAILABLE,
                "the subscription to shard " + shardId + " at " + address.place() + " was cut " + times
                        + " times in a row, soon after it had begun. Check whether something on the way there, such as"
                        + " a proxy, ends connections; " + MEANWHILE);
    }

    /** The cause of what a future failed with. */
    private static Throwable unwrapped(Throwable e) {
        boolean wrapped = e instanceof CompletionException || e instanceof ExecutionException;
        return wrapped && e.getCause() != null ? unwrapped(e.getCause()) : e;
    }
}
