package dev.millrace.testkit.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What goes wrong with a call to a server of ours. */
public sealed interface Fault {

    /**
     * The call is refused and nothing is done.
     *
     * @param status HTTP status
     * @param code as the answer's {@code __type} has it
     */
    record Refused(int status, String code, String message) implements Fault {}

    /** The connection ends and nothing is done. */
    record Disconnected() implements Fault {}

    /** The call is carried out, and the connection ends before its answer. */
    record AnswerLost() implements Fault {}

    /** The call is carried out, and the connection ends in the middle of its answer. */
    record AnswerCut() implements Fault {}

    /** No answer, until the client gives up. Nothing is done. */
    record Stalled() implements Fault {}

    /** The call is carried out, and its answer comes later, in real time. Begins a subscription later. */
    record Delayed(Duration time) implements Fault {}

    /** The call is carried out, and its answer waits for the latch. Begins a subscription when the latch opens. */
    record Held(CountDownLatch until) implements Fault {}

    /** GetRecords only: no records although some may follow, as the real services do; Kinesis's MillisBehindLatest is above zero. */
    record EmptyRead() implements Fault {}

    /** Something happens just before the call is carried out, on the call's thread: a split, a trim, expired iterators. */
    record Meanwhile(Runnable action) implements Fault {}

    /**
     * SubscribeToShard only: the subscription ends before its time.
     *
     * @param events how many are sent completely before; the answer itself does not count, and -1 spares not even that: all
     *     that comes is the HTTP header
     * @param how it ends
     */
    record SubscriptionCut(int events, Cut how) implements Fault {

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
    record SubscriptionFailed(int events, String code) implements Fault {}
}
