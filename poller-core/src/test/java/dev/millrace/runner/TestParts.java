package dev.millrace.runner;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.config.AwsSettings;
import dev.millrace.function.BreakerSettings;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.Invoker;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a poller is made of, for one mapping that every test means. */
final class TestParts {

    static final UUID MAPPING = UUID.nameUUIDFromBytes(new byte[] {2});

    /** Of a shard of which all is settled. */
    static final ShardProgress FINISHED = new ShardProgress(
            new ReadPosition.TrimHorizon(), new ShardCheckpoint(SequenceNumber.of("1"), null, List.of()), null, true);

    private TestParts() {}

    /** The mapping of this stream to this function, in batches of at most 10. */
    static StreamParts of(
            StreamSource source,
            StartingPosition position,
            @Nullable Instant timestamp,
            Invoker function,
            StreamObserver observer,
            InstantSource clock) {
        EventSourceMapping mapping = new EventSourceMapping(
                MAPPING,
                Arn.parse("arn:aws:kinesis:us-east-1:000000000000:stream/s").orElseThrow(),
                FunctionReference.parse("f", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                10,
                Duration.ZERO,
                List.of(),
                false,
                new StreamMembers(position, timestamp, 1, -1, Duration.ZERO, false, Duration.ZERO, null),
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
        FunctionGate gate = new FunctionGate(
                "f",
                new FunctionGate.Limits(OptionalInt.empty(), BreakerSettings.DEFAULT),
                Map.of(FunctionSettings.LATEST, new FunctionGate.Version(function, Duration.ofSeconds(10))),
                Map.of());
        return new StreamParts(mapping, source, gate, null, SavePace.LOCAL, observer, clock);
    }
}
