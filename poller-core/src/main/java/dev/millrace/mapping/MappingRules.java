package dev.millrace.mapping;

import dev.millrace.config.AwsSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Turns a request into a mapping with every default filled in, or says everything that is wrong with it, in AWS's codes and
 * words (spec 1.1 to 1.4). Immutable.
 *
 * <p>Not enforced, on purpose: a batching window for stream batches above 10 records (AWS's model text asks for it, AWS
 * itself does not, spec 1.2.1), and that function and queue share a region (1.2.18), since a self-hosted daemon reaches
 * both wherever they are.
 */
public final class MappingRules {

    /** Filters per mapping without a quota increase (spec 6.1). */
    public static final int DEFAULT_FILTER_QUOTA = 5;

    /** Filters per mapping with AWS's quota increase. */
    public static final int MAXIMUM_FILTER_QUOTA = 10;

    static final String REPORT_BATCH_ITEM_FAILURES = "ReportBatchItemFailures";
    private static final String EVENT_COUNT = "EventCount";

    private static final int QUEUE_BATCH_SIZE = 10;
    static final int STREAM_BATCH_SIZE = 100;

    private static final ResourceForm QUEUE = new ResourceForm(
            "(?=.{1,80}$)[a-zA-Z0-9_-]+(\\.fifo)?",
            "A queue's name has 1 to 80 letters, digits, hyphens and underscores; that of a FIFO queue ends in .fifo.");
    private static final ResourceForm KINESIS_STREAM = new ResourceForm(
            "stream/[a-zA-Z0-9_.-]{1,128}(/consumer/[a-zA-Z0-9_.-]{1,128}:[0-9]+)?",
            "A Kinesis stream is stream/NAME, a consumer of it stream/NAME/consumer/NAME:TIME; a name has 1 to 128"
                    + " letters, digits, dots, hyphens and underscores.");
    private static final ResourceForm TABLE_STREAM = new ResourceForm(
            "table/[a-zA-Z0-9_.-]{3,255}/stream/[^/]+",
            "A table's stream is table/NAME/stream/LABEL; a table's name has 3 to 255 letters, digits, dots, hyphens"
                    + " and underscores.");

    /**
     * What the last part of an ARN is like.
     *
     * @param words the same for people, as sentences
     */
    private record ResourceForm(Pattern pattern, String words) {
        ResourceForm(String pattern, String words) {
            this(Pattern.compile(pattern), words);
        }
    }

    private final FilterRules filterRules;
    private final AwsSettings aws;

    /**
     * Rules with a given filter quota.
     *
     * @param filterQuota most filters per mapping, 1 to 10
     * @param patterns the filter engine's opinion of a pattern
     * @param aws region and account of functions that are named without them
     */
    public MappingRules(int filterQuota, PatternCheck patterns, AwsSettings aws) {
        if (filterQuota < 1 || filterQuota > MAXIMUM_FILTER_QUOTA) {
            throw new IllegalArgumentException("filter quota " + filterQuota + " is not from 1 to 10");
        }
        this.filterRules = new FilterRules(filterQuota, patterns);
        this.aws = aws;
    }

    /** Checks everything that can be known without asking the source or the function. */
    public MappingVerdict check(MappingRequest request, Instant now) {
        List<MappingProblem> problems = new ArrayList<>();
        ModelLimits.check(request, problems);
        if (!request.has(MappingMember.FUNCTION_NAME)) {
            problems.add(MappingProblem.missing(MappingMember.FUNCTION_NAME));
        }
        Optional<EventSourceKind> kind = kind(request, problems);
        kind.ifPresent(known -> {
            checkApplicable(request, known, problems);
            checkMetrics(request, problems);
            filterRules.check(request, known, problems);
            OptionRules.check(request, known, problems);
            if (known.isQueue()) {
                QueueRules.check(request, known, problems);
            } else {
                StreamRules.check(request, known, now, problems);
            }
        });
        return kind.isPresent() && problems.isEmpty()
                ? new MappingVerdict.Accepted(mapping(request, kind.get()))
                : new MappingVerdict.Rejected(problems);
    }

    private static Optional<EventSourceKind> kind(MappingRequest request, List<MappingProblem> problems) {
        Optional<String> text = request.get(MappingMember.EVENT_SOURCE_ARN);
        if (text.isEmpty()) {
            problems.add(MappingProblem.noSource());
            return Optional.empty();
        }
        Optional<Arn> arn = Arn.parse(text.get());
        if (arn.isEmpty()) {
            return Optional.empty(); // ModelLimits has reported it.
        }
        Optional<EventSourceKind> kind = EventSourceKind.of(arn.get());
        if (kind.isEmpty()) {
            problems.add(MappingProblem.unknownSource(text.get()));
            return Optional.empty();
        }
        ResourceForm form = resourceForm(kind.get());
        if (!form.pattern().matcher(arn.get().resource()).matches()) {
            problems.add(MappingProblem.misnamedSource(text.get(), form.words()));
            return Optional.empty();
        }
        return kind;
    }

    private static ResourceForm resourceForm(EventSourceKind kind) {
        return switch (kind) {
            case SQS_STANDARD, SQS_FIFO -> QUEUE;
            case KINESIS -> KINESIS_STREAM;
            case DYNAMODB_STREAMS -> TABLE_STREAM;
        };
    }

    private static void checkApplicable(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        request.members().stream()
                .filter(member -> !member.appliesTo(kind))
                .map(MappingMember::awsName)
                .sorted()
                .map(MappingProblem::unsupported)
                .forEach(problems::add);
    }

    /** Of AWS's metric groups only EventCount exists for queues and streams (spec 1.1, 8.1). */
    private static void checkMetrics(MappingRequest request, List<MappingProblem> problems) {
        for (String metric : request.get(MappingMember.METRICS_CONFIG).orElse(List.of())) {
            if (metric.equals("ErrorCount") || metric.equals("KafkaMetrics")) {
                problems.add(MappingProblem.invalid(
                        "MetricsConfig.Metrics",
                        "Unsupported metric " + metric + " for given event source mapping type; supported: "
                                + EVENT_COUNT + "."));
            }
        }
    }

    /** The function that a text means, or empty when it has none of AWS's forms. */
    public Optional<FunctionReference> function(String text) {
        return FunctionReference.parse(text, aws);
    }

    private EventSourceMapping mapping(MappingRequest request, EventSourceKind kind) {
        String functionText = request.get(MappingMember.FUNCTION_NAME).orElseThrow();
        String arnText = request.get(MappingMember.EVENT_SOURCE_ARN).orElseThrow();
        return new EventSourceMapping(
                request.get(MappingMember.UUID).map(UUID::fromString).orElseGet(() -> uuidOf(arnText, functionText)),
                Arn.parse(arnText).orElseThrow(),
                function(functionText).orElseThrow(),
                request.get(MappingMember.ENABLED).orElse(true),
                request.get(MappingMember.BATCH_SIZE).orElse(kind.isQueue() ? QUEUE_BATCH_SIZE : STREAM_BATCH_SIZE),
                Duration.ofSeconds(
                        request.get(MappingMember.MAXIMUM_BATCHING_WINDOW).orElse(0)),
                request.get(MappingMember.FILTER_CRITERIA).orElse(List.of()),
                request.get(MappingMember.FUNCTION_RESPONSE_TYPES)
                        .orElse(List.of())
                        .contains(REPORT_BATCH_ITEM_FAILURES),
                kind.isQueue() ? QueueRules.members(request) : StreamRules.members(request),
                Set.copyOf(request.get(MappingMember.METRICS_CONFIG).orElse(List.of())),
                request.get(MappingMember.KMS_KEY_ARN)
                        .filter(text -> !text.isEmpty())
                        .orElse(null),
                request.get(MappingMember.TAGS).orElse(Map.of()),
                request.get(MappingMember.OPTIONS)
                        .map(MappingRequest.Options::values)
                        .orElse(MappingOptions.DEFAULT));
    }

    /**
     * The identity of a mapping without a {@code UUID} of its own: the same source and the same function, as written,
     * have the same one after every restart.
     */
    public static UUID uuidOf(String eventSourceArn, String functionName) {
        return UUID.nameUUIDFromBytes((eventSourceArn + "\n" + functionName).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Whether an existing mapping is in the way of a new one.
     *
     * <p>One mapping per source and function with qualifier (spec 1.2.17): {@code f} and {@code f:$LATEST} are two. A name, a
     * partial ARN and an ARN mean the same function, whatever region and account the ARN names, since functions are found
     * by name and qualifier here. And one mapping per {@code UUID}, which AWS makes up itself.
     *
     * @return AWS's 409, or empty
     */
    public static Optional<MappingProblem> conflict(
            EventSourceMapping candidate, Collection<EventSourceMapping> existing) {
        String function = candidate.function().toString();
        return first(
                        existing,
                        other -> other.eventSourceArn().equals(candidate.eventSourceArn())
                                && other.function().toString().equals(function))
                .map(other -> duplicate(candidate, other))
                .or(() -> first(existing, other -> other.uuid().equals(candidate.uuid()))
                        .map(MappingRules::sameIdentity));
    }

    private static Optional<EventSourceMapping> first(
            Collection<EventSourceMapping> existing, Predicate<EventSourceMapping> inTheWay) {
        return existing.stream().filter(inTheWay).findFirst();
    }

    private static MappingProblem sameIdentity(EventSourceMapping existing) {
        return MappingProblem.conflict(
                MappingMember.UUID,
                "The UUID " + existing.uuid() + " already belongs to the mapping of " + existing.eventSourceArn()
                        + " and " + existing.function()
                        + "; remove one of them to have it made from source and function");
    }

    private static MappingProblem duplicate(EventSourceMapping candidate, EventSourceMapping existing) {
        String arn = "(\" " + candidate.eventSourceArn() + " \")";
        String function = "(\" " + candidate.function() + " \")";
        String message = (candidate.kind().isQueue()
                        ? "An event source mapping with SQS arn " + arn + " and function " + function
                                + " already exists."
                        : "The event source arn " + arn + " and function " + function
                                + " provided mapping already exists.")
                + " Please update or delete the existing mapping with UUID " + existing.uuid();
        return MappingProblem.conflict(MappingMember.EVENT_SOURCE_ARN, message);
    }

    /** A function may not run longer than its queue hides a message (spec 1.2.3); known once the queue was asked. */
    public static Optional<MappingProblem> visibilityTimeoutTooShort(
            Duration queueVisibilityTimeout, Duration functionTimeout) {
        if (functionTimeout.compareTo(queueVisibilityTimeout) <= 0) {
            return Optional.empty();
        }
        return Optional.of(MappingProblem.invalid(
                MappingMember.EVENT_SOURCE_ARN.awsName(),
                "Queue visibility timeout: " + queueVisibilityTimeout.toSeconds()
                        + " seconds is less than Function timeout: " + functionTimeout.toSeconds() + " seconds"));
    }
}
