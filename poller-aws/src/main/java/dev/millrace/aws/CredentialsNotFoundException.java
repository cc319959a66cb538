package dev.millrace.aws;

import java.io.Serial;
import software.amazon.awssdk.core.exception.SdkClientException;

/** None of the usual places has AWS credentials; a type of its own, since the SDK tells this only by a message. */
public final class CredentialsNotFoundException extends SdkClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    public CredentialsNotFoundException(SdkClientException cause) {
        super(SdkClientException.builder().message(cause.getMessage()).cause(cause));
    }
}
