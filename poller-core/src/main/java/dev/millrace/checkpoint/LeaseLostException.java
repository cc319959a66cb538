package dev.millrace.checkpoint;

import java.io.Serial;

/** Thrown when a shard is held no longer: another node processes it. */
public final class LeaseLostException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    public LeaseLostException(String message) {
        super(message);
    }
}
