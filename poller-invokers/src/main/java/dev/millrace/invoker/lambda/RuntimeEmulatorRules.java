package dev.millrace.invoker.lambda;

import dev.millrace.invoke.ErrorBody;
import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/**
 * The answers of the Runtime Interface Emulator, which differ from the cloud's in four ways (spec 7.4). Everything else is
 * as the Invoke API has it.
 */
final class RuntimeEmulatorRules implements AnswerRules {

    /** How the newer emulator of managed instances names an error, beside a status that is not 200 (spec 7.4). */
    private static final String ERROR_TYPE = "Error-Type";

    /** What the emulator answers, as plain text, when the function took too long. */
    private static final byte[] TIMEOUT_TEXT = "Task timed out after ".getBytes(StandardCharsets.US_ASCII);

    private static final int LONGEST_TEXT = 500;

    private final LambdaSettings settings;
    private final AnswerRules api;

    RuntimeEmulatorRules(LambdaSettings settings, AnswerRules api) {
        this.settings = settings;
        this.api = api;
    }

    @Override
    public InvocationOutcome answer(InvokeResponse response) {
        byte[] body = InvokeApiRules.body(response);
        // Trap 2 (spec 7.4): a timeout is HTTP 200 with plain text; a JSON answer cannot begin like that.
        if (startsWithTimeoutText(body)) {
            return new FunctionError(FunctionErrors.TIMED_OUT, Excerpt.of(body, LONGEST_TEXT));
        }
        // Trap 1 (spec 7.4): an error is HTTP 200 without X-Amz-Function-Error; only the body tells.
        Optional<FunctionError> error = response.functionError() == null ? ErrorBody.detect(body) : Optional.empty();
        return error.isPresent() ? error.get() : api.answer(response);
    }

    private static boolean startsWithTimeoutText(byte[] body) {
        for (int i = 0; i < TIMEOUT_TEXT.length; i++) {
            if (i >= body.length || body[i] != TIMEOUT_TEXT[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public InvocationOutcome refusal(AwsServiceException refusal) {
        byte[] body = InvokeApiRules.rawBody(refusal);
        Optional<String> errorType = InvokeApiRules.header(refusal, ERROR_TYPE);
        if (errorType.isPresent()) {
            return ErrorBody.functionError(body, errorType.get());
        }
        return switch (refusal.statusCode()) {
            // Trap 3 (spec 7.4): a second invocation at the same time, be it another client's or one that we gave up,
            // is refused like this. It did not run.
            case 400 -> body.length == 0 ? busy() : api.refusal(refusal);
            // Trap 4 (spec 7.4): the process failed to initialise or died. At AWS that is a function error (spec 4.1).
            case 502 ->
                ErrorBody.detect(body)
                        .orElseGet(() -> new FunctionError(
                                FunctionErrors.EXITED,
                                "the function at " + settings.place().endpoint() + " failed to start or died: "
                                        + Excerpt.of(body, LONGEST_TEXT)));
            // Trap 4, continued: 504 while the emulator resets itself, 500 when it is in trouble: the code did not run.
            default -> api.refusal(refusal);
        };
    }

    private static Throttled busy() {
        return new Throttled(
                Throttled.AT_CAPACITY + ": the Runtime Interface Emulator is busy with another invocation",
                Duration.ZERO);
    }
}
