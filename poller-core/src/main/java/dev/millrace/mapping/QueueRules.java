package dev.millrace.mapping;

import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The rules and defaults of SQS mappings (spec 1.1, 1.2). */
final class QueueRules {

    /** Batches above this need a batching window; FIFO queues never go beyond it. It is one receive's maximum. */
    private static final int UNWINDOWED_BATCH_SIZE = 10;

    private static final int MINIMUM_POLLERS = 2;
    private static final int DEFAULT_MINIMUM_POLLERS = 2;
    private static final int DEFAULT_MAXIMUM_POLLERS = 200;

    private QueueRules() {}

    static void check(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        int batchSize = request.get(MappingMember.BATCH_SIZE).orElse(UNWINDOWED_BATCH_SIZE);
        int window = request.get(MappingMember.MAXIMUM_BATCHING_WINDOW).orElse(0);
        if (kind == EventSourceKind.SQS_FIFO) {
            checkFifo(batchSize, window, problems);
        } else if (batchSize > UNWINDOWED_BATCH_SIZE && window == 0) {
            problems.add(MappingProblem.invalid(
                    MappingMember.MAXIMUM_BATCHING_WINDOW.awsName(),
                    "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"));
        }
        request.get(MappingMember.PROVISIONED_POLLER_CONFIG).ifPresent(pollers -> checkPollers(pollers, problems));
        boolean scaled = request.get(MappingMember.SCALING_CONFIG)
                .map(MappingRequest.Scaling::maximumConcurrency)
                .filter(OptionalInt::isPresent)
                .isPresent();
        if (scaled && provisioned(request).isPresent()) {
            problems.add(MappingProblem.invalid(
                    MappingMember.SCALING_CONFIG.awsName(),
                    "ScalingConfig and ProvisionedPollerConfig cannot be used together."));
        }
    }

    private static void checkFifo(int batchSize, int window, List<MappingProblem> problems) {
        if (batchSize > UNWINDOWED_BATCH_SIZE) {
            problems.add(MappingProblem.invalid(
                    MappingMember.BATCH_SIZE.awsName(), "Maximum batch size for FIFO queues is 10"));
        }
        if (window > 0) {
            problems.add(MappingProblem.invalid(
                    MappingMember.MAXIMUM_BATCHING_WINDOW.awsName(),
                    "Batching window is not supported for FIFO queues"));
        }
    }

    private static void checkPollers(MappingRequest.ProvisionedPollers pollers, List<MappingProblem> problems) {
        if (pollers.hasPollerGroupName()) {
            problems.add(MappingProblem.unsupported("ProvisionedPollerConfig.PollerGroupName"));
        }
        int minimum = pollers.minimum().orElse(DEFAULT_MINIMUM_POLLERS);
        int maximum = pollers.maximum().orElse(DEFAULT_MAXIMUM_POLLERS);
        // Below 1 is ModelLimits' finding.
        if (minimum == 1) {
            problems.add(tooFew("MinimumPollers"));
        }
        if (maximum == 1) {
            problems.add(tooFew("MaximumPollers"));
        } else if (maximum < minimum) {
            problems.add(MappingProblem.invalid(
                    "ProvisionedPollerConfig.MaximumPollers",
                    "MaximumPollers must be greater than or equal to MinimumPollers."));
        }
    }

    private static MappingProblem tooFew(String member) {
        return MappingProblem.invalid(
                "ProvisionedPollerConfig." + member,
                member + " must be greater than or equal to " + MINIMUM_POLLERS + " for SQS event sources.");
    }

    static QueueMembers members(MappingRequest request) {
        OptionalInt concurrency = request.get(MappingMember.SCALING_CONFIG)
                .map(MappingRequest.Scaling::maximumConcurrency)
                .orElseGet(OptionalInt::empty);
        return provisioned(request)
                .map(pollers -> new QueueMembers(
                        concurrency,
                        OptionalInt.of(pollers.minimum().orElse(DEFAULT_MINIMUM_POLLERS)),
                        OptionalInt.of(pollers.maximum().orElse(DEFAULT_MAXIMUM_POLLERS))))
                .orElseGet(() -> new QueueMembers(concurrency, OptionalInt.empty(), OptionalInt.empty()));
    }

    private static Optional<MappingRequest.ProvisionedPollers> provisioned(MappingRequest request) {
        return request.get(MappingMember.PROVISIONED_POLLER_CONFIG).filter(pollers -> !pollers.isEmpty());
    }
}
