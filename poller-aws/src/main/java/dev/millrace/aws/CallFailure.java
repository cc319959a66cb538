package dev.millrace.aws;

import java.io.IOException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** Why a call to an AWS service failed, as far as this is the same for all services. */
public sealed interface CallFailure {

    /** Bound on the causes looked at, since a chain of causes can be made circular. */
    int DEEPEST_CAUSE = 20;

    /**
     * The service answered that it did not do what it was asked for.
     *
     * @param kind of answer
     * @param status HTTP status
     * @param code the service's error code; empty when it did not say
     * @param text status, code and message, for people
     */
    record Refused(Kind kind, int status, String code, String text) implements CallFailure {

        /** Kinds of refusal. */
        public enum Kind {
            /** What the call is about does not exist, or these credentials may not see it. */
            NOT_FOUND,
            /** Credentials or policy do not allow the call. */
            ACCESS_DENIED,
            /** The service asks to be called less often. */
            THROTTLED,
            /** The service failed. */
            SERVER_ERROR,
            /** The service does not accept the request itself. */
            REJECTED
        }
    }

    /**
     * There are no credentials in any of the usual places, or the configured ones cannot be had.
     *
     * @param temporary whether this may pass without anybody doing something
     * @param text what is wrong and the remedy, for people, without the last stop
     */
    record NoCredentials(boolean temporary, String text) implements CallFailure {}

    /** The service did not answer in time. */
    record TimedOut() implements CallFailure {}

    /**
     * There is no connection, or it broke off.
     *
     * @param reason for people
     */
    record Unreachable(String reason) implements CallFailure {}

    /**
     * Anything else, such as an answer that is not the service's.
     *
     * @param reason for people
     */
    record Broken(String reason) implements CallFailure {}

    /**
     * Says why a call failed.
     *
     * @param e as the SDK threw it; not only an exception of its own, since an answer that it cannot parse may end in any
     * @param called for the message of the interrupt
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    static CallFailure of(Throwable e, String called) throws InterruptedException {
        // The flag alone would do for virtual threads, whose interrupted reads fail and leave it set; the SDK takes it
        // down where it notices the interrupt itself.
        if (Thread.interrupted() || e instanceof AbortedException || cause(e, InterruptedException.class) != null) {
            throw new InterruptedException("interrupted while calling " + called);
        }
        NoCredentialsException none = cause(e, NoCredentialsException.class);
        if (none != null) {
            return new NoCredentials(none.isTemporary(), none.text());
        }
        if (e instanceof AwsServiceException answer) {
            return ErrorCodes.refused(answer);
        }
        if (cause(e, ApiCallTimeoutException.class) != null || cause(e, SocketTimeoutException.class) != null) {
            return new TimedOut();
        }
        IOException io = cause(e, IOException.class);
        if (io != null) {
            return new Unreachable(io.toString());
        }
        return new Broken(e instanceof SdkException ? String.valueOf(e.getMessage()) : e.toString());
    }

    private static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
