package dev.millrace.failure;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a destination did not take an invocation record; the message is for people and names the remedy. */
public final class DestinationException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean permanent;

    /**
     * A failed delivery.
     *
     * @param permanent true when trying this record again cannot help, such as one that is too large for the destination
     * @param cause the client's own exception; null when the destination answered
     */
    public DestinationException(String message, boolean permanent, @Nullable Throwable cause) {
        super(message, cause);
        this.permanent = permanent;
    }

    /** Whether trying this record again cannot help. */
    public boolean permanent() {
        return permanent;
    }
}
