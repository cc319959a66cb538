package dev.millrace.checkpoint;

import java.io.Serial;

/** Thrown when a store could not read or write; the message is for people and names the store and the remedy. */
public final class StoreException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
