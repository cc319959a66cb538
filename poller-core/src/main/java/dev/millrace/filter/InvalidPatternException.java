package dev.millrace.filter;

import java.io.Serial;

/** A filter pattern cannot be used; the reason is for people. */
final class InvalidPatternException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String reason;

    InvalidPatternException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
