package dev.millrace.invoker.lambda;

import java.io.Serial;
import software.amazon.awssdk.core.exception.SdkClientException;

/** No place that the SDK knows holds credentials. */
final class CredentialsNotFoundException extends SdkClientException {

    @Serial
    private static final long serialVersionUID = 1;

    CredentialsNotFoundException(SdkClientException cause) {
        super(SdkClientException.builder().message(cause.getMessage()).cause(cause));
    }
}
