package dev.millrace.source;

import dev.millrace.invoke.Backoff;
import java.time.Duration;

/**
 * Why a call to a source failed.
 *
 * @param kind decides how long the poller waits before it tries again
 * @param message for people: names the source, what it answered and the remedy
 */
public record SourceProblem(Kind kind, String message) {

    private static final Backoff AFTER_TROUBLE = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(20));
    /** A missing source or a missing right is mended by people; asking more often only fills logs. */
    private static final Backoff AFTER_REFUSAL = new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(30));

    /** Classes of failure. */
    public enum Kind {
        /** The source does not exist (yet). */
        NOT_FOUND,
        /** Credentials or policy do not allow the call. */
        ACCESS_DENIED,
        /** The source asks to be called less often. */
        THROTTLED,
        /** No connection, a timeout, or a server error. */
        UNAVAILABLE,
        /** The source refused the request itself. */
        REJECTED,
        /** The source does not know the place in the shard any more; reading anew from the position will do. */
        EXPIRED_ITERATOR,
        /** Records that follow the position are older than the stream's retention and gone. */
        TRIMMED;

        /** The pauses of calls that fail like this. */
        public Backoff pauses() {
            return switch (this) {
                case NOT_FOUND, ACCESS_DENIED, REJECTED -> AFTER_REFUSAL;
                case THROTTLED, UNAVAILABLE, EXPIRED_ITERATOR, TRIMMED -> AFTER_TROUBLE;
            };
        }
    }
}
