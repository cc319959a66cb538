package dev.millrace.filter;

import dev.millrace.mapping.EventSourceKind;
import org.jspecify.annotations.Nullable;

/** Where a source's records carry the data that a pattern filters by, and how it is encoded there (spec 6.3). */
public enum DataKey {
    /** SQS: the body, JSON or plain text. */
    BODY("body", null, true),
    /**
     * Kinesis: the data, base64 of JSON. Patterns see it, and the members beside it such as {@code partitionKey}, at the
     * top level and not below {@code kinesis}.
     */
    DATA("data", "kinesis", false),
    /** DynamoDB Streams: the typed JSON of keys and images. */
    DYNAMODB("dynamodb", null, false);

    private final String member;
    private final @Nullable String container;
    private final boolean plainAllowed;

    DataKey(String member, @Nullable String container, boolean plainAllowed) {
        this.member = member;
        this.container = container;
        this.plainAllowed = plainAllowed;
    }

    /** The data key of a kind of source. */
    public static DataKey of(EventSourceKind kind) {
        return switch (kind) {
            case SQS_STANDARD, SQS_FIFO -> BODY;
            case KINESIS -> DATA;
            case DYNAMODB_STREAMS -> DYNAMODB;
        };
    }

    /** The data's name in patterns. */
    String member() {
        return member;
    }

    /** Whether the members of this object stand at the top level in patterns. */
    boolean isContainer(String name) {
        return name.equals(container);
    }

    /** Whether patterns may take the data as plain text; where not, such patterns are invalid (spec 6.4). */
    boolean plainAllowed() {
        return plainAllowed;
    }
}
