package dev.millrace.daemon.run;

import java.io.Serial;

/** The daemon cannot start, and nothing of it is left open. The message names what is wrong and the remedy. */
public final class StartException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
