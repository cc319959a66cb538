package dev.millrace.invoker.lambda;

import dev.millrace.invoke.ErrorBody;
import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationOutcome.TooLarge;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.RetryAfter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.TooManyRequestsException;

/** The answers of Lambda's Invoke API (spec 7.3), and of emulators that are true to it. */
final class InvokeApiRules implements AnswerRules {

    /** The answer began and broke off. */
    static final String TRUNCATED_ANSWER = "Lambda.TruncatedAnswer";

    private static final String RETRY_AFTER = "Retry-After";

    /** Bound of what is told of a body that nobody understands, in characters. */
    private static final int LONGEST_EXCERPT = 250;

    private static final byte[] NOTHING = {};

    private final LambdaSettings settings;
    private final InstantSource clock;

    InvokeApiRules(LambdaSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public InvocationOutcome answer(InvokeResponse response) {
        byte[] body = body(response);
        String functionError = response.functionError();
        if (functionError != null) {
            // Spec 7.3: X-Amz-Function-Error is present when the code failed, and HTTP's status is still 200.
            return ErrorBody.functionError(body, functionError.isBlank() ? FunctionErrors.UNHANDLED : functionError);
        }
        if (body.length == 0 && !hasLength(response)) {
            // Go's and AWS's servers always announce how a body ends. Without that, the connection may have ended
            // within the head, which the SDK's client takes for an empty answer; no batch may be deleted for that.
            return new FunctionError(TRUNCATED_ANSWER, "the answer of " + settings.described() + " broke off");
        }
        return new Succeeded(body.length == 0 ? Payload.EMPTY : Payload.of(body));
    }

    static byte[] body(InvokeResponse response) {
        SdkBytes payload = response.payload();
        return payload == null ? NOTHING : payload.asByteArrayUnsafe();
    }

    private static boolean hasLength(InvokeResponse response) {
        return response.sdkHttpResponse().firstMatchingHeader("Content-Length").isPresent()
                || response.sdkHttpResponse()
                        .firstMatchingHeader("Transfer-Encoding")
                        .isPresent();
    }

    /** Spec 7.3, table of errors by HTTP code; spec 4.1: none of them has reached the code. */
    @Override
    public InvocationOutcome refusal(AwsServiceException refusal) {
        Duration retryAfter = RetryAfter.parse(header(refusal, RETRY_AFTER).orElse(null), clock.instant());
        return switch (refusal.statusCode()) {
            case 429 -> new Throttled(throttleReason(refusal), retryAfter);
            // RequestTooLarge: ours is to split the batch.
            case 413 -> new TooLarge(text(refusal));
            default ->
                new Unavailable(
                        settings.described() + " cannot be invoked: " + text(refusal) + remedy(refusal), retryAfter);
        };
    }

    private static String throttleReason(AwsServiceException refusal) {
        String reason = refusal instanceof TooManyRequestsException throttle ? throttle.reasonAsString() : null;
        return reason == null || reason.isBlank() ? text(refusal) : reason;
    }

    private String remedy(AwsServiceException refusal) {
        return switch (refusal.statusCode()) {
            case 404 ->
                "; check FunctionName" + (settings.qualifier() == null ? "" : ", Qualifier")
                        + " and Region, or whether it was deleted";
            case 403 ->
                code(refusal).startsWith("AccessDenied")
                        ? "; allow lambda:InvokeFunction for it to the daemon's role"
                        : "; check the daemon's credentials and clock, or the function's file system";
            case 400 ->
                code(refusal).startsWith("RecursiveInvocation")
                        ? "; Lambda has stopped a loop: the function feeds the source that invokes it"
                        : "";
            case 409 -> "; it is being created, updated or restored";
            case 502 -> "; Lambda could not prepare its environment: check its network, keys, image and runtime";
            default -> "";
        };
    }

    private static String text(AwsServiceException refusal) {
        AwsErrorDetails details = refusal.awsErrorDetails();
        String message = details == null ? null : details.errorMessage();
        String code = code(refusal);
        return "HTTP status " + refusal.statusCode() + (code.isEmpty() ? "" : " " + code)
                + (message == null || message.isBlank() ? excerpt(refusal) : ": " + message.strip());
    }

    private static String excerpt(AwsServiceException refusal) {
        String excerpt = Excerpt.of(rawBody(refusal), LONGEST_EXCERPT);
        return excerpt.isEmpty() ? "" : ": " + excerpt;
    }

    private static String code(AwsServiceException refusal) {
        AwsErrorDetails details = refusal.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "" : code;
    }

    static byte[] rawBody(AwsServiceException refusal) {
        AwsErrorDetails details = refusal.awsErrorDetails();
        SdkBytes raw = details == null ? null : details.rawResponse();
        return raw == null ? NOTHING : raw.asByteArrayUnsafe();
    }

    static Optional<String> header(AwsServiceException refusal, String name) {
        AwsErrorDetails details = refusal.awsErrorDetails();
        return details == null || details.sdkHttpResponse() == null
                ? Optional.empty()
                : details.sdkHttpResponse().firstMatchingHeader(name);
    }
}
