package dev.millrace.invoker.lambda;

import software.amazon.awssdk.core.exception.SdkClientException;

/** No place that the SDK knows holds credentials. */
final class CredentialsNotFoundException extends SdkClientException {

    private static final long serialVersionUID = 1;

    CredentialsNotFoundException(SdkClientException cause) {
        super(SdkClientException.builder().message(cause.getMessage()).cause(cause));
    }
}
