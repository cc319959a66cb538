package dev.millrace.coordination;

import java.io.Serial;

/** Thrown when a lease is held no longer: another node processes the shard. */
public final class LeaseLostException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    public LeaseLostException(String message) {
        super(message);
    }
}
