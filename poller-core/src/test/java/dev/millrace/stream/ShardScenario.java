package dev.millrace.stream;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.OnFailure;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.Retry;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.mapping.MappingOptions.WhenUndeliverable;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Random load and faults of one simulated run.
 *
 * @param retention short in some runs, so that records are lost
 * @param disorder how far arrivals may be out of the records' order; zero in runs that lose records
 * @param announcesTrimming the source says so, as DynamoDB Streams does; otherwise it reads on, as Kinesis does
 * @param tellsBehind the source tells how far behind a read is
 * @param trouble how long there are faults, crashes and restarts
 * @param packedShare share of records into which producers have packed several; sources unpack them in some of the runs
 * @param endless some records fail for ever, so that retries or age must be bounded
 */
record ShardScenario(
        Duration retention,
        Duration disorder,
        boolean announcesTrimming,
        boolean tellsBehind,
        int records,
        int keys,
        Duration sendingTime,
        double filteredShare,
        double badShare,
        boolean endless,
        double largeShare,
        boolean tumbling,
        Duration trouble,
        Faults faults,
        int crashes,
        int leaseLosses,
        int restarts,
        boolean functionOutage,
        boolean destinationOutage,
        boolean storeOutage,
        int reshards,
        boolean shardGone,
        double packedShare) {

    private static final UUID MAPPING = UUID.nameUUIDFromBytes(new byte[] {1});
    private static final Arn STREAM =
            Arn.parse("arn:aws:kinesis:us-east-1:000000000000:stream/s").orElseThrow();
    private static final FunctionReference FUNCTION = FunctionReference.parse(
                    "f", new AwsSettings("us-east-1", "000000000000", Map.of()))
            .orElseThrow();

    /** Probabilities while faults are on. */
    record Faults(
            double functionError,
            double partial,
            double malformed,
            double throttle,
            double unavailable,
            double tooLarge,
            double slowFunction,
            double lostAnswer,
            double hugeState,
            double readError,
            double emptyRead,
            double slowRead,
            double storeError,
            double storeLosesAnswer,
            double slowStore,
            double deliveryError,
            double deliveryRefused,
            double lostInListing) {}

    static final Faults NO_FAULTS = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * A mapping and what else a machine is given; another one after some restarts.
     *
     * @param maximumBytes share of the bytes held
     */
    record Settings(
            EventSourceMapping mapping, ReadPacing pacing, long maximumBytes, Keying keying, SavePace savePace) {

        StreamMembers members() {
            return (StreamMembers) mapping.source();
        }

        StreamOptions options() {
            return mapping.options().stream();
        }

        boolean hasDestination() {
            return members().onFailureDestination() != null;
        }

        /** From the start of one read to the next one's when no more records are waiting. */
        Duration idle() {
            Duration own = options().pollInterval();
            return own == null ? pacing.idle() : own;
        }

        int maximumRecords() {
            int derived = Math.max(10_000, 2 * mapping.batchSize() * members().parallelizationFactor());
            return options().maximumRecordsInFlight().orElse(derived);
        }

        ShardPolicy policy() {
            return ShardPolicy.of(mapping, pacing, keying, savePace);
        }
    }

    static ShardScenario random(RandomGenerator random) {
        boolean faulty = random.nextInt(4) != 0;
        boolean forgetful = random.nextInt(6) == 0;
        boolean tumbling = random.nextInt(4) == 0;
        return new ShardScenario(
                forgetful ? Duration.ofSeconds(20 + random.nextInt(200)) : Duration.ofHours(24),
                forgetful || random.nextInt(4) != 0 ? Duration.ZERO : Duration.ofSeconds(1 + random.nextInt(90)),
                random.nextBoolean(),
                random.nextInt(4) != 0,
                10 + random.nextInt(190),
                1 + random.nextInt(30),
                Duration.ofSeconds(random.nextInt(random.nextInt(3) != 0 ? 20 : 600)),
                random.nextInt(3) == 0 ? random.nextDouble() : 0,
                random.nextInt(2) == 0 ? random.nextDouble() * 0.1 : 0,
                random.nextBoolean(),
                random.nextInt(6) == 0 ? random.nextDouble() : 0,
                tumbling,
                Duration.ofSeconds(30 + random.nextInt(random.nextInt(3) == 0 ? 690 : 120)),
                faulty ? faults(random) : NO_FAULTS,
                faulty ? random.nextInt(4) : 0,
                faulty ? random.nextInt(2) : 0,
                random.nextInt(3),
                faulty && random.nextInt(3) == 0,
                faulty && random.nextInt(3) == 0,
                faulty && random.nextInt(5) == 0,
                random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0,
                random.nextInt(20) == 0,
                random.nextInt(3) == 0 ? random.nextDouble() * 0.5 : 0);
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
        return random.nextInt(3) == 0 ? random.nextDouble() * 0.4 : 0;
    }

    Settings settings(RandomGenerator random) {
        int lanes = tumbling || random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(10);
        // Whatever fails for ever has to be given up at some time.
        boolean byRetries = random.nextBoolean();
        int retries = random.nextInt(3) == 0 || (endless && byRetries) ? random.nextInt(6) : -1;
        boolean byAge = random.nextInt(4) == 0 || (endless && !byRetries);
        int batchSize = random.nextInt(3) == 0 ? 1 + random.nextInt(100) : 1 + random.nextInt(10);
        StreamMembers members = new StreamMembers(
                StartingPosition.TRIM_HORIZON,
                null,
                lanes,
                retries,
                byAge ? Duration.ofSeconds(60 + random.nextInt(240)) : Duration.ZERO,
                random.nextBoolean(),
                // Now and then the windows are switched off and on again.
                tumbling && random.nextInt(6) != 0 ? Duration.ofSeconds(1 + random.nextInt(120)) : Duration.ZERO,
                random.nextInt(3) == 0 ? null : "arn:aws:sqs:us-east-1:000000000000:failures");
        EventSourceMapping mapping = new EventSourceMapping(
                MAPPING,
                STREAM,
                FUNCTION,
                true,
                batchSize,
                random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(1 + random.nextInt(30)),
                List.of(),
                random.nextBoolean(),
                members,
                Set.of(),
                null,
                Map.of(),
                new MappingOptions(QueueOptions.DEFAULT, options(batchSize, random), 0));
        return new Settings(
                mapping,
                new ReadPacing(
                        Duration.ofMillis(200 + random.nextInt(100)), Duration.ofMillis(1_000), Duration.ofSeconds(30)),
                random.nextInt(3) == 0 ? 1L + random.nextInt(largeShare > 0 ? 20_000_000 : 10_000) : 1L << 40,
                random.nextBoolean() ? Keying.WHOLE : Keying.UNPACKED,
                random.nextInt(3) != 0
                        ? SavePace.LOCAL
                        : new SavePace(Duration.ofMillis(random.nextInt(3_000)), 1 + random.nextInt(64)));
    }

    private static StreamOptions options(int batchSize, RandomGenerator random) {
        long base = random.nextInt(3) == 0 ? 10 + random.nextInt(2_000) : 500;
        return new StreamOptions(
                new Retry(Duration.ofMillis(base), Duration.ofMillis(base + random.nextInt(60_000))),
                random.nextInt(3) == 0 ? Duration.ofMillis(200 + random.nextInt(3_000)) : null,
                new OnFailure(
                        Duration.ofSeconds(random.nextInt(60)),
                        random.nextInt(3) == 0 ? WhenUndeliverable.BLOCK : WhenUndeliverable.CONTINUE),
                false,
                false,
                random.nextInt(3) == 0 ? OptionalInt.of(batchSize + random.nextInt(100)) : OptionalInt.empty());
    }
}
