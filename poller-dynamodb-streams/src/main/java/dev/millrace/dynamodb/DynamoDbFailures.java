package dev.millrace.dynamodb;

import dev.millrace.aws.stream.StreamFailures;
import dev.millrace.aws.stream.StreamFailures.Words;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;

/** Says what a failed call to a table's stream means, in words an operator can act upon. Immutable. */
final class DynamoDbFailures {

    private static final String DESCRIBE = "dynamodb:DescribeStream, dynamodb:GetShardIterator, dynamodb:GetRecords";

    /** What DynamoDB Local says of an iterator that it does not know, such as one of an earlier run of it. */
    private static final String UNKNOWN_ITERATOR = "Invalid ShardIterator";

    private final TableStream stream;
    private final StreamFailures failures;

    /** Speaks of one stream. */
    DynamoDbFailures(TableStream stream) {
        this.stream = stream;
        this.failures = new StreamFailures(stream.source(), stream.place(), words(stream));
    }

    private static Words words(TableStream stream) {
        return new Words(
                // Spec 10.
                stream.isLatest() ? "dynamodb:ListStreams, " + DESCRIBE : DESCRIBE,
                "A shard is for two readers at most, and an account may describe its streams ten times a second",
                " of 24 hours, which cannot be lengthened: the function has to keep up");
    }

    /**
     * The exception that tells what went wrong.
     *
     * @param action the right that the call needs, such as {@code dynamodb:GetRecords}
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    SourceException of(RuntimeException e, String action) throws InterruptedException {
        String message = e.getMessage();
        if (message != null && message.contains(UNKNOWN_ITERATOR)) {
            return failures.expired(message, e);
        }
        return failures.of(e, action);
    }

    /** The table has no stream. */
    SourceException noStream() {
        return failures.of(
                Kind.NOT_FOUND,
                "the table " + stream.table() + " has no stream at " + stream.place()
                        + ", or these credentials may not see it. Enable it, or correct EventSourceArn or the"
                        + " endpoint");
    }

    /** The service goes on and on with a list. */
    SourceException endless(String list) {
        return failures.of(Kind.REJECTED, stream.place() + " does not end its list of " + list);
    }
}
