package dev.millrace.aws;

import dev.millrace.aws.CallFailure.Refused;
import dev.millrace.aws.CallFailure.Refused.Kind;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What the error codes of AWS's services mean. One list for all services, since no code means two things. */
final class ErrorCodes {

    private static final Set<String> NOT_FOUND = Set.of(
            "AWS.SimpleQueueService.NonExistentQueue",
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "NoSuchBucket",
            "NotFound",
            "NotFoundException",
            "QueueDeletedRecently",
            "QueueDoesNotExist",
            "ResourceNotFoundException");

    private static final Set<String> ACCESS_DENIED = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "AuthFailure",
            "AuthorizationError",
            "AuthorizationErrorException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSecurity",
            "InvalidToken",
            "KMS.AccessDeniedException",
            "KMSAccessDenied",
            "KmsAccessDenied",
            "MissingAuthenticationToken",
            "NotAuthorized",
            "OptInRequired",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "UnauthorizedOperation",
            "UnrecognizedClientException");

    /** OverLimit: as many messages are in flight as the queue allows, so receiving less is the only cure. */
    private static final Set<String> THROTTLED = Set.of(
            "AWS.SimpleQueueService.OverLimit",
            "KMS.ThrottlingException",
            "KMSThrottling",
            "KmsThrottled",
            "OverLimit",
            "Throttled");

    private ErrorCodes() {}

    static Refused refused(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "" : details.errorCode();
        String message = details == null ? null : details.errorMessage();
        String explained = message == null || message.isBlank() ? "no further explanation" : message.strip();
        return new Refused(kind(e, code), e.statusCode(), code, e.statusCode() + " " + code + ": " + explained);
    }

    private static Kind kind(AwsServiceException e, String code) {
        if (NOT_FOUND.contains(code)) {
            return Kind.NOT_FOUND;
        }
        // Before the status is looked at: SQS throttles with 400 and with 403.
        if (e.isThrottlingException() || e.statusCode() == 429 || THROTTLED.contains(code)) {
            return Kind.THROTTLED;
        }
        if (ACCESS_DENIED.contains(code) || e.statusCode() == 401 || e.statusCode() == 403) {
            return Kind.ACCESS_DENIED;
        }
        return e.statusCode() >= 500 ? Kind.SERVER_ERROR : Kind.REJECTED;
    }
}
