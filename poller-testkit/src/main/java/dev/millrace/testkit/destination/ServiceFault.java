package dev.millrace.testkit.destination;

/** What goes wrong with calls to an {@link SnsServer} or {@link S3Server}. The server does not do what such a call asks. */
public enum ServiceFault {
    /** Status 500. */
    INTERNAL_ERROR,
    /** Status 403: the credentials do not have the right. */
    ACCESS_DENIED,
    /** The service asks to be called less often. */
    THROTTLED,
    /** The connection ends without an answer. */
    DISCONNECTED,
    /** No answer, until the client gives up. */
    STALLED
}
