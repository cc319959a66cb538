package dev.millrace.mapping;

import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules and defaults of Kinesis and DynamoDB Streams mappings (spec 1.1, 1.2). */
final class StreamRules {

    static final String DESTINATION = "DestinationConfig.OnFailure.Destination";

    private static final int MINIMUM_RECORD_AGE = 60;
    private static final int NO_LIMIT = -1;
    private static final Set<String> DESTINATION_SERVICES = Set.of("sqs", "sns", "s3");
    /** Ours: what discards may be written or posted to without AWS. */
    private static final List<String> DESTINATION_SCHEMES = List.of("file:", "http://", "https://");

    private StreamRules() {}

    static void check(MappingRequest request, EventSourceKind kind, Instant now, List<MappingProblem> problems) {
        checkStart(request, kind, now, problems);
        int age = request.get(MappingMember.MAXIMUM_RECORD_AGE).orElse(NO_LIMIT);
        if (age >= 0 && age < MINIMUM_RECORD_AGE) {
            problems.add(MappingProblem.invalid(
                    MappingMember.MAXIMUM_RECORD_AGE.awsName(),
                    "MaximumRecordAgeInSeconds must be -1 (no limit) or from 60 to 604800."));
        }
        int tumbling = request.get(MappingMember.TUMBLING_WINDOW).orElse(0);
        if (tumbling > 0 && request.get(MappingMember.PARALLELIZATION_FACTOR).orElse(1) > 1) {
            problems.add(MappingProblem.invalid(
                    MappingMember.PARALLELIZATION_FACTOR.awsName(),
                    "ParallelizationFactor must be 1 if TumblingWindowInSeconds is greater than 0."));
        }
        request.get(MappingMember.DESTINATION_CONFIG)
                .ifPresent(destinations -> checkDestinations(destinations, problems));
    }

    private static void checkStart(
            MappingRequest request, EventSourceKind kind, Instant now, List<MappingProblem> problems) {
        if (!request.has(MappingMember.STARTING_POSITION)) {
            problems.add(MappingProblem.missing(MappingMember.STARTING_POSITION));
            return;
        }
        boolean atTimestamp = request.get(MappingMember.STARTING_POSITION)
                .filter(text -> text.equals(StartingPosition.AT_TIMESTAMP.name()))
                .isPresent();
        if (kind == EventSourceKind.DYNAMODB_STREAMS) {
            if (atTimestamp) {
                problems.add(MappingProblem.invalid(
                        MappingMember.STARTING_POSITION.awsName(),
                        "Unsupported starting position for arn type: "
                                + request.get(MappingMember.EVENT_SOURCE_ARN).orElse("")));
            }
            return;
        }
        Optional<Instant> timestamp = request.get(MappingMember.STARTING_POSITION_TIMESTAMP);
        if (atTimestamp && timestamp.isEmpty()) {
            problems.add(
                    timestampProblem("StartingPositionTimestamp is required if StartingPosition is AT_TIMESTAMP."));
        }
        if (!atTimestamp && timestamp.isPresent()) {
            problems.add(
                    timestampProblem("StartingPositionTimestamp is only allowed if StartingPosition is AT_TIMESTAMP."));
        }
        if (timestamp.filter(now::isBefore).isPresent()) {
            problems.add(timestampProblem("StartingPositionTimestamp cannot be in the future."));
        }
    }

    private static MappingProblem timestampProblem(String message) {
        return MappingProblem.invalid(MappingMember.STARTING_POSITION_TIMESTAMP.awsName(), message);
    }

    private static void checkDestinations(MappingRequest.Destinations destinations, List<MappingProblem> problems) {
        if (destinations.hasOnSuccess()) {
            problems.add(MappingProblem.unsupported("DestinationConfig.OnSuccess"));
        }
        String onFailure = destinations.onFailure();
        if (onFailure == null || onFailure.isEmpty()) {
            return;
        }
        if (DESTINATION_SCHEMES.stream().anyMatch(onFailure::startsWith)) {
            return; // What follows the scheme is for whoever delivers to judge.
        }
        Optional<Arn> arn = Arn.parse(onFailure);
        if (arn.filter(parsed -> DESTINATION_SERVICES.contains(parsed.service()))
                .isEmpty()) {
            problems.add(MappingProblem.invalid(
                    DESTINATION,
                    "The destination must be the ARN of an SQS queue, an SNS topic or an S3 bucket, or begin with"
                            + " file:, http:// or https://."));
        } else if (onFailure.endsWith(".fifo") && !arn.get().service().equals("s3")) {
            problems.add(MappingProblem.invalid(
                    DESTINATION, "FIFO queues and FIFO topics are not supported as on-failure destinations."));
        }
    }

    static StreamMembers members(MappingRequest request) {
        int age = request.get(MappingMember.MAXIMUM_RECORD_AGE).orElse(NO_LIMIT);
        return new StreamMembers(
                StartingPosition.valueOf(
                        request.get(MappingMember.STARTING_POSITION).orElseThrow()),
                request.get(MappingMember.STARTING_POSITION_TIMESTAMP).orElse(null),
                request.get(MappingMember.PARALLELIZATION_FACTOR).orElse(1),
                request.get(MappingMember.MAXIMUM_RETRY_ATTEMPTS).orElse(NO_LIMIT),
                age == NO_LIMIT ? Duration.ZERO : Duration.ofSeconds(age),
                request.get(MappingMember.BISECT_BATCH).orElse(false),
                Duration.ofSeconds(request.get(MappingMember.TUMBLING_WINDOW).orElse(0)),
                request.get(MappingMember.DESTINATION_CONFIG)
                        .map(MappingRequest.Destinations::onFailure)
                        .filter(text -> !text.isEmpty())
                        .orElse(null));
    }
}
