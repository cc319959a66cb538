package dev.millrace.daemon.observe;

import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.config.AwsSettings;
import dev.millrace.coordination.Coordination;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.runner.StreamSnapshot;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardSnapshot;
import dev.millrace.stream.ShardSnapshot.Activity;
import dev.millrace.stream.ShardSnapshot.LaneSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A stream mapping, its records and snapshots, for tests of what people see. */
public final class StreamFixture {

    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    public static final String SHARD = "shardId-000000000000";

    private StreamFixture() {}

    public static EventSourceMapping mapping() {
        return new EventSourceMapping(
                new UUID(0, 2),
                Arn.parse("arn:aws:kinesis:us-east-1:000000000000:stream/clicks")
                        .orElseThrow(),
                FunctionReference.parse("clicks-fn", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                100,
                Duration.ZERO,
                List.of(),
                true,
                new StreamMembers(
                        StartingPosition.TRIM_HORIZON, null, 2, -1, Duration.ZERO, false, Duration.ZERO, null),
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
    }

    /** A record that is this old. */
    public static StreamRecord record(int number, Duration age, boolean matched) {
        return new StreamRecord(
                SequenceNumber.of(String.valueOf(number)), "key", NOW.minus(age), Payload.ofText("{}"), matched);
    }

    public static ShardCommand.Invoke invoke(int attempt, List<StreamRecord> records) {
        return new ShardCommand.Invoke(7, 1, attempt, records, null);
    }

    public static LaneSnapshot idle(int lane) {
        return new LaneSnapshot(lane, Activity.COLLECTING, null, null, 0, 0, null, null, null, null, null, 0);
    }

    /** A lane whose batch failed twice; its records are lost after an hour and a half at the latest. */
    public static LaneSnapshot blocked(int lane) {
        return new LaneSnapshot(
                lane,
                Activity.BACKING_OFF,
                SequenceNumber.of("5"),
                SequenceNumber.of("9"),
                5,
                2,
                "Error: boom",
                NOW.minusSeconds(120),
                NOW.plusSeconds(4),
                NOW.plus(Duration.ofMinutes(90)),
                NOW.minus(Duration.ofHours(1)),
                3);
    }

    public static ShardSnapshot shard(@Nullable SourceProblem problem, LaneSnapshot... lanes) {
        return new ShardSnapshot(
                ShardSnapshot.Phase.RUNNING,
                FunctionHealth.AVAILABLE,
                new ShardCheckpoint(SequenceNumber.of("4"), NOW.minusSeconds(30), List.of()),
                new ReadPosition.After(SequenceNumber.of("12")),
                Duration.ofMillis(1_500),
                Duration.ofHours(24),
                8,
                800,
                1,
                List.of(lanes),
                problem);
    }

    public static StreamSnapshot stream(Map<String, ShardSnapshot> shards) {
        return new StreamSnapshot(
                StreamSnapshot.Phase.RUNNING, shards, Set.of(), new Coordination(true, 0, 0, Map.of(), null));
    }
}
