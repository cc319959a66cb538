package dev.millrace.aws;

import java.io.Serial;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * There are no credentials for a call: none in the usual places, or the configured ones cannot be had. A type of its own,
 * since the SDK tells this only by a message, and lets a refusal by STS look like one by the called service.
 */
public final class NoCredentialsException extends SdkClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean temporary;

    /**
     * Tells what is wrong.
     *
     * @param temporary whether it may pass without anybody doing something
     * @param text what is wrong and the remedy, for people, without the last stop
     */
    public NoCredentialsException(boolean temporary, String text, Throwable cause) {
        super(SdkClientException.builder().message(text).cause(cause));
        this.temporary = temporary;
    }

    /** None of the usual places has any. */
    public static NoCredentialsException inUsualPlaces(SdkClientException cause) {
        return new NoCredentialsException(
                false,
                "no AWS credentials were found. Give the daemon some: environment variables, a profile, web identity,"
                        + " or the role of the container or instance",
                cause);
    }

    boolean isTemporary() {
        return temporary;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
