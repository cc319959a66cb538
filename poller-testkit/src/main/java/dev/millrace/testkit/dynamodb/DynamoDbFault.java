package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.service.Fault;

/** The refusals of DynamoDB Streams, as faults of a {@link DynamoDbStreamsServer}. */
public final class DynamoDbFault {

    private DynamoDbFault() {}

    public static Fault.Refused throttled() {
        return new Fault.Refused(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.");
    }

    /** More than two readers of a shard, or more calls than allowed. */
    public static Fault.Refused limitExceeded() {
        return new Fault.Refused(400, "LimitExceededException", "Too many operations for a given subscriber.");
    }

    public static Fault.Refused expiredIterator() {
        return new Fault.Refused(400, "ExpiredIteratorException", "The shard iterator has expired.");
    }

    public static Fault.Refused trimmedData() {
        return new Fault.Refused(
                400,
                "TrimmedDataAccessException",
                "The operation attempted to read past the oldest stream record in a shard.");
    }

    public static Fault.Refused internalServerError() {
        return new Fault.Refused(500, "InternalServerError", "The request processing has failed.");
    }

    public static Fault.Refused unavailable() {
        return new Fault.Refused(503, "ServiceUnavailable", "The service is unavailable.");
    }

    public static Fault.Refused accessDenied() {
        return new Fault.Refused(400, "AccessDeniedException", "User is not authorized to perform this operation.");
    }

    public static Fault.Refused notFound() {
        return new Fault.Refused(400, "ResourceNotFoundException", "Requested resource not found.");
    }

    /** As emulators say what AWS calls an invalid argument. */
    public static Fault.Refused invalidIterator() {
        return new Fault.Refused(400, "ValidationException", "Invalid ShardIterator");
    }
}
