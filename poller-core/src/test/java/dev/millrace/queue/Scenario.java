package dev.millrace.queue;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Random settings, load and faults of one simulated run.
 *
 * @param functionTakes most messages in an event that the function's front end does not call too large, for the whole run
 */
record Scenario(
        boolean fifo,
        EventSourceMapping mapping,
        Duration functionTimeout,
        OptionalInt reservedConcurrency,
        long maximumBytes,
        Duration visibilityTimeout,
        int maxReceiveCount,
        int messages,
        int groups,
        Duration sendingTime,
        int messageBytes,
        double filteredShare,
        double poisonShare,
        Faults faults,
        int crashes,
        boolean functionOutage,
        int functionTakes) {

    /** Probabilities while faults are on. */
    record Faults(
            double functionError,
            double partial,
            double malformed,
            double throttle,
            double tooLarge,
            double slowFunction,
            double receiveError,
            double lostAnswer,
            double deleteError,
            double visibilityError) {}

    static final Faults NO_FAULTS = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    static Scenario random(RandomGenerator random) {
        boolean fifo = random.nextInt(3) == 0;
        boolean window = !fifo && random.nextBoolean();
        int batchSize = window ? 1 + random.nextInt(60) : 1 + random.nextInt(10);
        Duration functionTimeout = Duration.ofSeconds(1 + random.nextInt(20));
        Duration visibility =
                functionTimeout.plusSeconds(random.nextInt(4) == 0 ? random.nextInt(4) : 10 + random.nextInt(40));
        boolean heartbeat = random.nextInt(4) == 0;
        QueueOptions options = new QueueOptions(
                heartbeat ? new Heartbeat(Duration.ofSeconds(60 + random.nextInt(600))) : null,
                random.nextInt(4) == 0
                        ? new RetryBackoff(Duration.ofSeconds(1 + random.nextInt(5)), 2, Duration.ofSeconds(60))
                        : null,
                random.nextInt(3) == 0,
                random.nextInt(3) == 0 ? GrowthPreset.AWS : GrowthPreset.FAST,
                random.nextInt(5) == 0 ? OptionalInt.of(60 + random.nextInt(600)) : OptionalInt.empty(),
                Duration.ofSeconds(1 + random.nextInt(20)));
        Arn arn = Arn.parse("arn:aws:sqs:us-east-1:000000000000:q" + (fifo ? ".fifo" : ""))
                .orElseThrow();
        EventSourceMapping mapping = new EventSourceMapping(
                UUID.nameUUIDFromBytes(new byte[] {1}),
                arn,
                FunctionReference.parse("f", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                batchSize,
                window ? Duration.ofSeconds(1 + random.nextInt(10)) : Duration.ZERO,
                List.of(),
                random.nextBoolean(),
                members(random),
                Set.of(),
                null,
                Map.of(),
                new MappingOptions(options, StreamOptions.DEFAULT, 0));
        boolean faulty = random.nextInt(4) != 0;
        boolean poisoned = random.nextInt(3) == 0;
        int messageBytes = random.nextInt(10) == 0 ? 700_000 : 200;
        return new Scenario(
                fifo,
                mapping,
                functionTimeout,
                random.nextInt(4) == 0 ? OptionalInt.of(1 + random.nextInt(8)) : OptionalInt.empty(),
                random.nextInt(3) == 0 ? 20L * messageBytes : Long.MAX_VALUE / 4,
                visibility,
                poisoned ? 3 + random.nextInt(5) : 1_000,
                20 + random.nextInt(300),
                1 + random.nextInt(8),
                Duration.ofSeconds(random.nextInt(120)),
                messageBytes,
                random.nextInt(3) == 0 ? 0.3 : 0,
                poisoned ? 0.05 : 0,
                faulty ? faults(random) : NO_FAULTS,
                faulty ? random.nextInt(4) : 0,
                faulty && random.nextInt(3) == 0,
                faulty && random.nextInt(5) == 0 ? 1 + random.nextInt(4) : Integer.MAX_VALUE);
    }

    private static QueueMembers members(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 ->
                new QueueMembers(OptionalInt.of(2 + random.nextInt(10)), OptionalInt.empty(), OptionalInt.empty());
            case 1 -> new QueueMembers(OptionalInt.empty(), OptionalInt.of(2), OptionalInt.of(2 + random.nextInt(5)));
            default -> QueueMembers.DEFAULT;
        };
    }

    private static Faults faults(RandomGenerator random) {
        return new Faults(
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random),
                rate(random));
    }

    private static double rate(RandomGenerator random) {
        return random.nextInt(3) == 0 ? random.nextDouble() * 0.3 : 0;
    }

    QueuePolicy policy() {
        return QueuePolicy.of(mapping, functionTimeout, reservedConcurrency, maximumBytes);
    }
}
