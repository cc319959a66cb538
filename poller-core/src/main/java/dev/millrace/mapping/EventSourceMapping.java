package dev.millrace.mapping;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event source mapping with AWS's members (spec 1.1), every default filled in. Valid by construction when made by
 * {@link MappingRules}; the record itself only copies its collections.
 *
 * @param uuid identity of the mapping; stable over restarts
 * @param eventSourceArn what is polled
 * @param function what is invoked
 * @param enabled false pauses the mapping
 * @param batchSize 1 to 10,000 records (FIFO queues: 10)
 * @param maximumBatchingWindow 0 to 300 s; zero means as soon as anything is available
 * @param filterPatterns {@code FilterCriteria.Filters[].Pattern}; empty means everything matches
 * @param reportBatchItemFailures {@code FunctionResponseTypes} holds ReportBatchItemFailures
 * @param source the members that only one kind of source has
 * @param metrics {@code MetricsConfig.Metrics}
 * @param kmsKeyArn kept and returned, not used: filters are not encrypted at rest here
 * @param tags key to value
 * @param options settings of our own, all off by default
 */
public record EventSourceMapping(
        UUID uuid,
        Arn eventSourceArn,
        FunctionReference function,
        boolean enabled,
        int batchSize,
        Duration maximumBatchingWindow,
        List<String> filterPatterns,
        boolean reportBatchItemFailures,
        SourceSettings source,
        Set<String> metrics,
        @Nullable String kmsKeyArn,
        Map<String, String> tags,
        MappingOptions options) {

    public EventSourceMapping {
        filterPatterns = List.copyOf(filterPatterns);
        metrics = Set.copyOf(metrics);
        tags = Map.copyOf(tags);
    }

    /** The kind of source; present for every mapping that passed validation. */
    public EventSourceKind kind() {
        return EventSourceKind.of(eventSourceArn).orElseThrow();
    }

    /** Members that only one kind of source has. */
    public sealed interface SourceSettings {}

    /**
     * SQS.
     *
     * @param maximumConcurrency {@code ScalingConfig.MaximumConcurrency}, 2 to 1,000; excludes provisioned pollers
     * @param minimumPollers {@code ProvisionedPollerConfig.MinimumPollers}, 2 to 200
     * @param maximumPollers {@code ProvisionedPollerConfig.MaximumPollers}, 2 to 10,000
     */
    public record QueueMembers(OptionalInt maximumConcurrency, OptionalInt minimumPollers, OptionalInt maximumPollers)
            implements SourceSettings {

        public static final QueueMembers DEFAULT =
                new QueueMembers(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
    }

    /**
     * Kinesis and DynamoDB Streams.
     *
     * @param startingPosition where shards existing at creation start
     * @param startingPositionTimestamp only with AT_TIMESTAMP, else null
     * @param parallelizationFactor 1 to 10
     * @param maximumRetryAttempts -1 (no limit) to 10,000
     * @param maximumRecordAge zero means no limit; else 60 s to 604,800 s
     * @param bisectBatchOnFunctionError split a failing batch in two
     * @param tumblingWindow zero means off; else up to 900 s
     * @param onFailureDestination ARN or URL of the destination of discards, or null
     */
    public record StreamMembers(
            StartingPosition startingPosition,
            @Nullable Instant startingPositionTimestamp,
            int parallelizationFactor,
            int maximumRetryAttempts,
            Duration maximumRecordAge,
            boolean bisectBatchOnFunctionError,
            Duration tumblingWindow,
            @Nullable String onFailureDestination)
            implements SourceSettings {}

    /** Where a stream mapping starts. */
    public enum StartingPosition {
        TRIM_HORIZON,
        LATEST,
        AT_TIMESTAMP
    }
}
