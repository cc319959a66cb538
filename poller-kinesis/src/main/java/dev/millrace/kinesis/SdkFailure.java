package dev.millrace.kinesis;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;

/** Reads what the exception of a failed SDK call says, where that is the same for every service of AWS. */
final class SdkFailure {

    private static final Set<String> ACCESS_DENIED = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSecurity",
            "KMS.AccessDeniedException",
            "KmsAccessDenied",
            "MissingAuthenticationToken",
            "NotAuthorized",
            "OptInRequired",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "UnauthorizedOperation",
            "UnrecognizedClientException");

    private SdkFailure() {}

    /**
     * Whether the call failed because its thread was interrupted. Uses the interrupt up.
     *
     * <p>The thread's flag alone would do for virtual threads, whose interrupted reads fail and leave it set; the SDK takes
     * it down where it notices the interrupt itself.
     */
    static boolean isInterrupt(Throwable e) {
        return Thread.interrupted() || e instanceof AbortedException || cause(e, InterruptedException.class) != null;
    }

    /** Whether credentials or policies do not allow the call. Ask for throttling first: some services do it with 403. */
    static boolean isAccessDenied(AwsServiceException e) {
        return ACCESS_DENIED.contains(code(e)) || e.statusCode() == 401 || e.statusCode() == 403;
    }

    /** The service's error code; empty when the answer names none. */
    static String code(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    /** The service's own words, for people. */
    static String message(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        String message = details == null ? null : details.errorMessage();
        return message == null || message.isBlank() ? "no further explanation" : message.strip();
    }

    /** The first of this type among the exception and its causes, or null. */
    static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
