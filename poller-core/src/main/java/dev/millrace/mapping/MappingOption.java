package dev.millrace.mapping;

/** The options of our own: their keys below {@code Millrace} and the kinds of source that they apply to. */
public enum MappingOption {
    HEARTBEAT("Heartbeat", Sources.QUEUES),
    RETRY_BACKOFF("RetryBackoff", Sources.QUEUES),
    RELEASE_ON_SHUTDOWN("ReleaseOnShutdown", Sources.QUEUES),
    SCALING("Scaling", Sources.QUEUES),
    WAIT_TIME("WaitTimeSeconds", Sources.QUEUES),
    RETRY("Retry", Sources.STREAMS),
    POLL_INTERVAL("PollIntervalMilliseconds", Sources.STREAMS),
    ON_FAILURE("OnFailure", Sources.STREAMS),
    INCLUDE_PAYLOAD("IncludePayload", Sources.STREAMS),
    DEAGGREGATE("Deaggregate", Sources.KINESIS),
    MAXIMUM_RECORDS_IN_FLIGHT("MaximumRecordsInFlight", Sources.STREAMS),
    MAXIMUM_BYTES_IN_FLIGHT("MaximumBytesInFlight", Sources.ALL),
    AWS("Aws", Sources.ALL);

    private enum Sources {
        QUEUES,
        STREAMS,
        KINESIS,
        ALL
    }

    private final String key;
    private final Sources sources;

    MappingOption(String key, Sources sources) {
        this.key = key;
        this.sources = sources;
    }

    /** As it is written, such as {@code WaitTimeSeconds}. */
    public String key() {
        return key;
    }

    boolean appliesTo(EventSourceKind kind) {
        return switch (sources) {
            case QUEUES -> kind.isQueue();
            case STREAMS -> kind.isStream();
            case KINESIS -> kind == EventSourceKind.KINESIS;
            case ALL -> true;
        };
    }

    /** The services whose sources it applies to, for people. */
    String services() {
        return switch (sources) {
            case QUEUES -> "SQS";
            case STREAMS -> "Kinesis and DynamoDB";
            case KINESIS -> "Kinesis";
            case ALL -> "all";
        };
    }
}
