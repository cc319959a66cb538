package dev.millrace.quickstart;

/** Why an emulator is not here, in words for the reader of the screen. */
final class NotHereException extends Exception {

    private static final long serialVersionUID = 1L;

    NotHereException(String reason) {
        super(reason);
    }
}
