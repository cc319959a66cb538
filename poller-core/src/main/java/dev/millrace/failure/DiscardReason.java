package dev.millrace.failure;

/** Why records of a stream were given up: {@code requestContext.condition} of the invocation record (spec 4.6). */
public enum DiscardReason {
    /** The function failed more often than MaximumRetryAttempts allows. */
    RETRY_ATTEMPTS_EXHAUSTED("RetryAttemptsExhausted"),
    /** The records are older than MaximumRecordAgeInSeconds. */
    RECORD_AGE_EXCEEDED("RecordAgeExceeded"),
    /** A single record that no event can carry; our own word, AWS documents none. */
    RECORD_TOO_LARGE("RecordTooLarge");

    private final String condition;

    DiscardReason(String condition) {
        this.condition = condition;
    }

    /** As it stands in the invocation record. */
    public String condition() {
        return condition;
    }
}
