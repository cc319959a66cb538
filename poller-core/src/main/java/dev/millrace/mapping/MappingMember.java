package dev.millrace.mapping;

import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One member of a mapping request: its name as CloudFormation spells it and the kinds of source it applies to. The
 * constants are the master table of spec 1.1, one row each.
 *
 * @param <T> type of the value
 */
@SuppressWarnings("UnusedTypeParameter") // It ties the values in MappingRequest to their members.
public final class MappingMember<T> {

    private static final Set<EventSourceKind> EVERY_KIND = Set.of(EventSourceKind.values());
    private static final Set<EventSourceKind> QUEUES = Set.of(EventSourceKind.SQS_STANDARD, EventSourceKind.SQS_FIFO);
    private static final Set<EventSourceKind> STREAMS =
            Set.of(EventSourceKind.KINESIS, EventSourceKind.DYNAMODB_STREAMS);
    private static final Set<EventSourceKind> KINESIS = Set.of(EventSourceKind.KINESIS);

    public static final MappingMember<String> UUID = member("UUID", EVERY_KIND);
    public static final MappingMember<String> EVENT_SOURCE_ARN = member("EventSourceArn", EVERY_KIND);
    public static final MappingMember<String> FUNCTION_NAME = member("FunctionName", EVERY_KIND);
    public static final MappingMember<Boolean> ENABLED = member("Enabled", EVERY_KIND);
    public static final MappingMember<Integer> BATCH_SIZE = member("BatchSize", EVERY_KIND);
    // FIFO queues have a wording of their own for it, see QueueRules.
    public static final MappingMember<Integer> MAXIMUM_BATCHING_WINDOW =
            member("MaximumBatchingWindowInSeconds", EVERY_KIND);
    /** The texts of {@code Filters[].Pattern}. */
    public static final MappingMember<List<String>> FILTER_CRITERIA = member("FilterCriteria", EVERY_KIND);

    public static final MappingMember<List<String>> FUNCTION_RESPONSE_TYPES =
            member("FunctionResponseTypes", EVERY_KIND);
    /** The names in {@code Metrics}. */
    public static final MappingMember<List<String>> METRICS_CONFIG = member("MetricsConfig", EVERY_KIND);

    public static final MappingMember<String> KMS_KEY_ARN = member("KmsKeyArn", EVERY_KIND);
    public static final MappingMember<Map<String, String>> TAGS = member("Tags", EVERY_KIND);

    /** {@code MaximumConcurrency}; an empty section clears it. */
    public static final MappingMember<MappingRequest.Scaling> SCALING_CONFIG = member("ScalingConfig", QUEUES);

    public static final MappingMember<MappingRequest.ProvisionedPollers> PROVISIONED_POLLER_CONFIG =
            member("ProvisionedPollerConfig", QUEUES);

    /** As written: it is checked against {@link StartingPosition} by the rules, which know AWS's answer. */
    public static final MappingMember<String> STARTING_POSITION = member("StartingPosition", STREAMS);

    public static final MappingMember<Instant> STARTING_POSITION_TIMESTAMP =
            member("StartingPositionTimestamp", KINESIS);
    public static final MappingMember<Integer> PARALLELIZATION_FACTOR = member("ParallelizationFactor", STREAMS);
    public static final MappingMember<Integer> MAXIMUM_RETRY_ATTEMPTS = member("MaximumRetryAttempts", STREAMS);
    public static final MappingMember<Integer> MAXIMUM_RECORD_AGE = member("MaximumRecordAgeInSeconds", STREAMS);
    public static final MappingMember<Boolean> BISECT_BATCH = member("BisectBatchOnFunctionError", STREAMS);
    public static final MappingMember<Integer> TUMBLING_WINDOW = member("TumblingWindowInSeconds", STREAMS);
    public static final MappingMember<MappingRequest.Destinations> DESTINATION_CONFIG =
            member("DestinationConfig", STREAMS);

    /** Ours, not AWS's: the section {@code Millrace}. */
    public static final MappingMember<MappingRequest.Options> OPTIONS = member("Millrace", EVERY_KIND);

    /** Members that AWS has for kinds of source which Millrace does not poll; known, so that they can be refused. */
    public static final List<MappingMember<Boolean>> OF_OTHER_KINDS = List.of(
            member("AmazonManagedKafkaEventSourceConfig", Set.of()),
            member("DocumentDBEventSourceConfig", Set.of()),
            member("LoggingConfig", Set.of()),
            member("Queues", Set.of()),
            member("SelfManagedEventSource", Set.of()),
            member("SelfManagedKafkaEventSourceConfig", Set.of()),
            member("SourceAccessConfigurations", Set.of()),
            member("Topics", Set.of()));

    private final String name;
    private final Set<EventSourceKind> kinds;

    private MappingMember(String name, Set<EventSourceKind> kinds) {
        this.name = name;
        this.kinds = kinds;
    }

    private static <T> MappingMember<T> member(String name, Set<EventSourceKind> kinds) {
        return new MappingMember<>(name, kinds);
    }

    /** CloudFormation's property name, such as {@code BatchSize}. */
    public String awsName() {
        return name;
    }

    /** The name inside AWS's validation messages, such as {@code batchSize}. */
    String messageName() {
        return this == UUID ? "uuid" : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    boolean appliesTo(EventSourceKind kind) {
        return kinds.contains(kind);
    }

    @Override
    public String toString() {
        return name;
    }
}
