package dev.millrace.mapping;

import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * The limits of AWS's service model (spec 1.1, tag M): ranges, lengths, enumerations and patterns of single members, which
 * AWS checks before anything else and words alike.
 */
final class ModelLimits {

    static final int MAXIMUM_PATTERN_LENGTH = 4_096;
    private static final int MAXIMUM_FUNCTION_NAME_LENGTH = 256;
    private static final int MAXIMUM_DESTINATION_LENGTH = 350;
    private static final int MAXIMUM_TAG_KEY_LENGTH = 128;
    private static final int MAXIMUM_TAG_VALUE_LENGTH = 256;
    private static final Set<String> METRICS = Set.of("EventCount", "ErrorCount", "KafkaMetrics");

    private static final String ARN_PATTERN =
            "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:" + "([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
    private static final String FUNCTION_PATTERN = "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?"
            + "(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

    private final MappingRequest request;
    private final List<MappingProblem> problems;

    private ModelLimits(MappingRequest request, List<MappingProblem> problems) {
        this.request = request;
        this.problems = problems;
    }

    static void check(MappingRequest request, List<MappingProblem> problems) {
        ModelLimits limits = new ModelLimits(request, problems);
        limits.checkIdentity();
        limits.checkNumbers();
        limits.checkPollers();
        limits.checkLists();
        limits.checkTexts();
    }

    private void checkIdentity() {
        request.get(MappingMember.UUID).filter(text -> !isUuid(text)).ifPresent(text -> {
            String constraint = text.length() == 36
                    ? "Member must be a UUID"
                    : "Member must have length "
                            + (text.length() < 36 ? "greater than or equal to 36" : "less than or equal to 36");
            add(MappingMember.UUID, text, constraint);
        });
        request.get(MappingMember.EVENT_SOURCE_ARN)
                .filter(text -> Arn.parse(text).isEmpty())
                .ifPresent(text -> add(MappingMember.EVENT_SOURCE_ARN, text, mustMatch(ARN_PATTERN)));
        request.get(MappingMember.FUNCTION_NAME).ifPresent(text -> {
            if (text.length() > MAXIMUM_FUNCTION_NAME_LENGTH) {
                add(MappingMember.FUNCTION_NAME, text, mustNotBeLonger(MAXIMUM_FUNCTION_NAME_LENGTH));
            } else if (!FunctionReference.matches(text)) {
                add(MappingMember.FUNCTION_NAME, text, mustMatch(FUNCTION_PATTERN));
            }
        });
        request.get(MappingMember.KMS_KEY_ARN)
                .filter(text -> !text.isEmpty() && Arn.parse(text).isEmpty())
                .ifPresent(text -> add(MappingMember.KMS_KEY_ARN, text, mustMatch("(" + ARN_PATTERN + ")|()")));
    }

    private static boolean isUuid(String text) {
        try {
            return UUID.fromString(text).toString().equalsIgnoreCase(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void checkNumbers() {
        range(MappingMember.BATCH_SIZE, 1, 10_000);
        range(MappingMember.MAXIMUM_BATCHING_WINDOW, 0, 300);
        range(MappingMember.PARALLELIZATION_FACTOR, 1, 10);
        range(MappingMember.MAXIMUM_RETRY_ATTEMPTS, -1, 10_000);
        range(MappingMember.MAXIMUM_RECORD_AGE, -1, 604_800);
        range(MappingMember.TUMBLING_WINDOW, 0, 900);
    }

    private void checkPollers() {
        request.get(MappingMember.SCALING_CONFIG)
                .ifPresent(scaling -> range(
                        "ScalingConfig.MaximumConcurrency",
                        "scalingConfig.maximumConcurrency",
                        scaling.maximumConcurrency(),
                        2,
                        1_000));
        request.get(MappingMember.PROVISIONED_POLLER_CONFIG).ifPresent(pollers -> {
            range(
                    "ProvisionedPollerConfig.MinimumPollers",
                    "provisionedPollerConfig.minimumPollers",
                    pollers.minimum(),
                    1,
                    200);
            range(
                    "ProvisionedPollerConfig.MaximumPollers",
                    "provisionedPollerConfig.maximumPollers",
                    pollers.maximum(),
                    1,
                    10_000);
        });
    }

    private void checkLists() {
        request.get(MappingMember.FUNCTION_RESPONSE_TYPES).ifPresent(types -> {
            if (types.size() > 1) {
                add(MappingMember.FUNCTION_RESPONSE_TYPES, types, mustNotBeLonger(1));
            }
            if (types.stream().anyMatch(type -> !type.equals(MappingRules.REPORT_BATCH_ITEM_FAILURES))) {
                add(
                        MappingMember.FUNCTION_RESPONSE_TYPES,
                        types,
                        "Member must satisfy constraint: ["
                                + mustBeOneOf(List.of(MappingRules.REPORT_BATCH_ITEM_FAILURES)) + "]");
            }
        });
        request.get(MappingMember.METRICS_CONFIG)
                .filter(metrics -> !METRICS.containsAll(metrics))
                .ifPresent(metrics -> problems.add(MappingProblem.constraint(
                        "MetricsConfig.Metrics",
                        metrics,
                        "metricsConfig.metrics",
                        "Member must satisfy constraint: ["
                                + mustBeOneOf(METRICS.stream().sorted().toList()) + "]")));
        List<String> patterns = request.get(MappingMember.FILTER_CRITERIA).orElse(List.of());
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).length() > MAXIMUM_PATTERN_LENGTH) {
                problems.add(MappingProblem.constraint(
                        FilterRules.member(i),
                        patterns.get(i),
                        "filterCriteria.filters." + (i + 1) + ".member.pattern",
                        mustNotBeLonger(MAXIMUM_PATTERN_LENGTH)));
            }
        }
    }

    private void checkTexts() {
        request.get(MappingMember.STARTING_POSITION)
                .filter(text -> Arrays.stream(StartingPosition.values())
                        .noneMatch(position -> position.name().equals(text)))
                // AWS names the values in this order (spec 1.4).
                .ifPresent(text -> add(
                        MappingMember.STARTING_POSITION,
                        text,
                        mustBeOneOf(List.of("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"))));
        request.get(MappingMember.DESTINATION_CONFIG)
                .map(MappingRequest.Destinations::onFailure)
                .filter(text -> text.length() > MAXIMUM_DESTINATION_LENGTH)
                .ifPresent(text -> problems.add(MappingProblem.constraint(
                        StreamRules.DESTINATION,
                        text,
                        "destinationConfig.onFailure.destination",
                        mustNotBeLonger(MAXIMUM_DESTINATION_LENGTH))));
        request.get(MappingMember.TAGS)
                .ifPresent(tags -> tags.forEach((key, value) -> {
                    if (key.isEmpty()
                            || key.length() > MAXIMUM_TAG_KEY_LENGTH
                            || value.length() > MAXIMUM_TAG_VALUE_LENGTH) {
                        add(
                                MappingMember.TAGS,
                                key + "=" + value,
                                "Map keys must have length 1 to " + MAXIMUM_TAG_KEY_LENGTH + ", values at most "
                                        + MAXIMUM_TAG_VALUE_LENGTH);
                    }
                }));
    }

    private void range(MappingMember<Integer> member, int minimum, int maximum) {
        OptionalInt value = request.get(member).map(OptionalInt::of).orElseGet(OptionalInt::empty);
        range(member.awsName(), member.messageName(), value, minimum, maximum);
    }

    private void range(String member, String messageName, OptionalInt value, int minimum, int maximum) {
        value.ifPresent(number -> {
            if (number < minimum) {
                problems.add(MappingProblem.constraint(
                        member, number, messageName, "Member must have value greater than or equal to " + minimum));
            } else if (number > maximum) {
                problems.add(MappingProblem.constraint(
                        member, number, messageName, "Member must have value less than or equal to " + maximum));
            }
        });
    }

    private void add(MappingMember<?> member, Object value, String constraint) {
        problems.add(MappingProblem.constraint(member.awsName(), value, member.messageName(), constraint));
    }

    private static String mustMatch(String pattern) {
        return "Member must satisfy regular expression pattern: " + pattern;
    }

    private static String mustNotBeLonger(int maximum) {
        return "Member must have length less than or equal to " + maximum;
    }

    private static String mustBeOneOf(List<String> values) {
        return "Member must satisfy enum value set: [" + String.join(", ", values) + "]";
    }
}
