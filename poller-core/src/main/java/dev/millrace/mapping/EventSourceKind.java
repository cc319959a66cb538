package dev.millrace.mapping;

import java.util.Optional;

/** The kinds of event source whose rules differ (spec 1.1). */
public enum EventSourceKind {
    SQS_STANDARD,
    SQS_FIFO,
    KINESIS,
    DYNAMODB_STREAMS;

    /** The kind that an ARN stands for, or empty when no poller serves it. */
    public static Optional<EventSourceKind> of(Arn arn) {
        return switch (arn.service()) {
            case "sqs" -> Optional.of(arn.resource().endsWith(".fifo") ? SQS_FIFO : SQS_STANDARD);
            case "kinesis" -> arn.resource().startsWith("stream/") ? Optional.of(KINESIS) : Optional.empty();
            case "dynamodb" ->
                arn.resource().startsWith("table/") && arn.resource().contains("/stream/")
                        ? Optional.of(DYNAMODB_STREAMS)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    public boolean isQueue() {
        return this == SQS_STANDARD || this == SQS_FIFO;
    }

    public boolean isStream() {
        return !isQueue();
    }
}
