package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.service.Fault;

/** The refusals of Kinesis, as faults of a {@link KinesisServer}. */
public final class KinesisFault {

    private KinesisFault() {}

    public static Fault.Refused throttled() {
        return new Fault.Refused(400, "ProvisionedThroughputExceededException", "Rate exceeded for shard.");
    }

    public static Fault.Refused limitExceeded() {
        return new Fault.Refused(400, "LimitExceededException", "Rate exceeded.");
    }

    public static Fault.Refused expiredIterator() {
        return new Fault.Refused(400, "ExpiredIteratorException", "Iterator expired.");
    }

    public static Fault.Refused internalFailure() {
        return new Fault.Refused(500, "InternalFailure", "An internal failure occurred.");
    }

    public static Fault.Refused unavailable() {
        return new Fault.Refused(503, "ServiceUnavailable", "The service is unavailable.");
    }

    public static Fault.Refused accessDenied() {
        return new Fault.Refused(400, "AccessDeniedException", "User is not authorized to perform this operation.");
    }

    public static Fault.Refused notFound() {
        return new Fault.Refused(400, "ResourceNotFoundException", "The requested resource could not be found.");
    }

    public static Fault.Refused resourceInUse() {
        return new Fault.Refused(
                400, "ResourceInUseException", "Another active subscription exists for this consumer.");
    }

    /** @param kind one of AccessDenied, Disabled, InvalidState, NotFound, OptInRequired, Throttling */
    public static Fault.Refused kms(String kind) {
        String code = kind.equals("OptInRequired") ? "KMSOptInRequired" : "KMS" + kind + "Exception";
        return new Fault.Refused(400, code, "The stream's key cannot be used.");
    }
}
