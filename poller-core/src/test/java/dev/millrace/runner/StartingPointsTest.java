package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StartingPointsTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final Duration RETENTION = Duration.ofHours(24);
    private static final ReadPosition TIP = new ReadPosition.AtTimestamp(NOW.minusSeconds(1));

    private static final StreamShard OPEN = new StreamShard("open", List.of(), false);
    private static final StreamShard CLOSED = new StreamShard("closed", List.of(), true);

    private static Map<String, ShardProgress> pinned(StartingPosition position, @Nullable Instant timestamp)
            throws Exception {
        StreamMembers members =
                new StreamMembers(position, timestamp, 1, -1, Duration.ZERO, false, Duration.ZERO, null);
        return StartingPoints.pinned(members, List.of(OPEN, CLOSED), _ -> TIP, RETENTION, NOW);
    }

    @Test
    void trimHorizonIsTheOldestRecordOfEachShard() throws Exception {
        assertThat(pinned(StartingPosition.TRIM_HORIZON, null))
                .containsOnly(Map.entry("open", StartingPoints.OLDEST), Map.entry("closed", StartingPoints.OLDEST));
    }

    @Test
    void latestIsTheTipOfAnOpenShardAndSkipsAClosedOne() throws Exception {
        assertThat(pinned(StartingPosition.LATEST, null))
                .containsOnly(
                        Map.entry("open", ShardProgress.startingAt(TIP, NOW)),
                        Map.entry("closed", ShardProgress.skipped(NOW)));
    }

    @Test
    void aTimestampIsKeptAndTellsGapsFromThenOn() throws Exception {
        Instant timestamp = NOW.minus(Duration.ofHours(1));

        assertThat(pinned(StartingPosition.AT_TIMESTAMP, timestamp))
                .containsEntry("open", ShardProgress.startingAt(new ReadPosition.AtTimestamp(timestamp), timestamp));
    }

    @Test
    void whatWasGoneWhenTheMappingWasCreatedIsNoGap() throws Exception {
        Instant timestamp = NOW.minus(Duration.ofHours(30));

        assertThat(pinned(StartingPosition.AT_TIMESTAMP, timestamp)).containsEntry("open", StartingPoints.OLDEST);
    }

    @Test
    void aChildTellsGapsFromTheTimeOfTheParentThatWasDoneWithFirst() {
        Map<String, ShardProgress> stored = Map.of(
                "a", ShardProgress.startingAt(StartingPoints.OLDEST.start(), NOW),
                "b", ShardProgress.startingAt(StartingPoints.OLDEST.start(), NOW.minusSeconds(60)));

        assertThat(StartingPoints.after(List.of("a", "b"), stored))
                .isEqualTo(ShardProgress.startingAt(StartingPoints.OLDEST.start(), NOW.minusSeconds(60)));
    }

    @Test
    void aShardOfUnknownParentsTellsNoGap() {
        assertThat(StartingPoints.after(List.of("unknown"), Map.of())).isEqualTo(StartingPoints.OLDEST);
    }
}
