package dev.millrace.invoker.lambda;

import dev.millrace.invoke.InvocationOutcome;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** What the other side's answers mean. Thread-safe. */
interface AnswerRules {

    /** An answer with a 2xx status. */
    InvocationOutcome answer(InvokeResponse response);

    /** An answer with any other status. */
    InvocationOutcome refusal(AwsServiceException refusal);
}
