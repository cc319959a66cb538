package dev.millrace.testkit.kinesis;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What goes wrong with a call to a {@link KinesisServer}. */
public sealed interface KinesisFault {

    /**
     * The call is refused and nothing is done.
     *
     * @param status HTTP status
     * @param code as the answer's {@code __type} has it
     */
    record Refused(int status, String code, String message) implements KinesisFault {}

    /** The connection ends and nothing is done. */
    record Disconnected() implements KinesisFault {}

    /** The call is carried out, and the connection ends before its answer. */
    record AnswerLost() implements KinesisFault {}

    /** The call is carried out, and the connection ends in the middle of its answer. */
    record AnswerCut() implements KinesisFault {}

    /** No answer, until the client gives up. Nothing is done. */
    record Stalled() implements KinesisFault {}

    /** The call is carried out, and its answer comes later, in real time. Begins a subscription later. */
    record Delayed(Duration time) implements KinesisFault {}

    /** The call is carried out, and its answer waits for the latch. Begins a subscription when the latch opens. */
    record Held(CountDownLatch until) implements KinesisFault {}

    /** GetRecords only: no records although some may follow, and MillisBehindLatest above zero. Kinesis does that, too. */
    record EmptyRead() implements KinesisFault {}

    /** Something happens just before the call is carried out, on the call's thread: a split, a trim, expired iterators. */
    record Meanwhile(Runnable action) implements KinesisFault {}

    /**
     * SubscribeToShard only: the subscription ends before its time.
     *
     * @param events how many are sent completely before; the answer itself does not count, and -1 spares not even that: all
     *     that comes is the HTTP header
     * @param how it ends
     */
    record SubscriptionCut(int events, Cut how) implements KinesisFault {

        /** In the middle of an event. */
        public SubscriptionCut(int events) {
            this(events, Cut.INSIDE_AN_EVENT);
        }
    }

    /** How a subscription ends before its time. */
    enum Cut {
        /** The connection ends in the middle of an event. */
        INSIDE_AN_EVENT,
        /** The connection ends between two events, in an orderly way as far as TCP goes. */
        BETWEEN_EVENTS,
        /** The connection is reset between two events. */
        RESET,
        /** The answer ends between two events as HTTP wants it, and the connection goes on. */
        ENDED_BY_HTTP
    }

    /**
     * SubscribeToShard only: the subscription ends with an exception in the event stream.
     *
     * @param events how many are sent before; the answer itself does not count
     * @param code such as {@code InternalFailureException}
     */
    record SubscriptionFailed(int events, String code) implements KinesisFault {}

    static Refused throttled() {
        return new Refused(400, "ProvisionedThroughputExceededException", "Rate exceeded for shard.");
    }

    static Refused limitExceeded() {
        return new Refused(400, "LimitExceededException", "Rate exceeded.");
    }

    static Refused expiredIterator() {
        return new Refused(400, "ExpiredIteratorException", "Iterator expired.");
    }

    static Refused internalFailure() {
        return new Refused(500, "InternalFailure", "An internal failure occurred.");
    }

    static Refused unavailable() {
        return new Refused(503, "ServiceUnavailable", "The service is unavailable.");
    }

    static Refused accessDenied() {
        return new Refused(400, "AccessDeniedException", "User is not authorized to perform this operation.");
    }

    static Refused notFound() {
        return new Refused(400, "ResourceNotFoundException", "The requested resource could not be found.");
    }

    static Refused resourceInUse() {
        return new Refused(400, "ResourceInUseException", "Another active subscription exists for this consumer.");
    }

    /** @param kind one of AccessDenied, Disabled, InvalidState, NotFound, OptInRequired, Throttling */
    static Refused kms(String kind) {
        String code = kind.equals("OptInRequired") ? "KMSOptInRequired" : "KMS" + kind + "Exception";
        return new Refused(400, code, "The stream's key cannot be used.");
    }
}
