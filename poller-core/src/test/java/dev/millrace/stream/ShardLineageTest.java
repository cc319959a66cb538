package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShardLineageTest {

    private static final Instant NOW = Instant.parse("2026-01-08T00:00:00Z");

    private static StreamShard shard(String id, String... parents) {
        return new StreamShard(id, List.of(parents), false);
    }

    private static ShardProgress finished(@Nullable Instant upTo) {
        ShardCheckpoint checkpoint = new ShardCheckpoint(SequenceNumber.of("9"), upTo, List.of());
        return new ShardProgress(new ReadPosition.TrimHorizon(), checkpoint, null, true);
    }

    private static List<String> ready(ShardLineage lineage, String... running) {
        return lineage.ready(Set.of(running)).stream().map(StreamShard::shardId).toList();
    }

    @Test
    void beginsShardsWithoutParentsOldestFirst() {
        assertThat(ready(ShardLineage.of(List.of(shard("2"), shard("1")), Map.of())))
                .containsExactly("1", "2");
    }

    @Test
    void childrenWaitUntilTheirParentIsFinished() {
        List<StreamShard> listed = List.of(shard("1"), shard("2", "1"), shard("3", "1"));

        assertThat(ready(ShardLineage.of(listed, Map.of()))).containsExactly("1");
        ShardLineage unfinished =
                ShardLineage.of(listed, Map.of("1", ShardProgress.startingAt(new ReadPosition.TrimHorizon())));
        assertThat(ready(unfinished, "1")).isEmpty();
        assertThat(unfinished.waiting(Set.of("1"))).containsExactly("2", "3");
        assertThat(unfinished.waiting(Set.of("1", "2")))
                .as("what runs does not wait")
                .containsExactly("3");
        ShardLineage done = ShardLineage.of(listed, Map.of("1", finished(NOW)));
        assertThat(ready(done)).containsExactly("2", "3");
        assertThat(done.waiting(Set.of())).isEmpty();
    }

    @Test
    void aMergeWaitsForBothParents() {
        List<StreamShard> listed = List.of(shard("1"), shard("2"), shard("3", "1", "2"));

        assertThat(ready(ShardLineage.of(listed, Map.of("1", finished(NOW))), "2"))
                .isEmpty();
        assertThat(ready(ShardLineage.of(listed, Map.of("1", finished(NOW), "2", finished(NOW)))))
                .containsExactly("3");
    }

    @Test
    void aParentThatIsNotListedIsDoneUnlessItStillRuns() {
        ShardLineage lineage = ShardLineage.of(List.of(shard("2", "1")), Map.of());

        assertThat(ready(lineage)).containsExactly("2");
        assertThat(ready(lineage, "1")).isEmpty();
        assertThat(lineage.gone(Set.of("1", "2"))).containsExactly("1");
    }

    @Test
    void doesNotBeginWhatRunsOrIsFinished() {
        ShardLineage lineage = ShardLineage.of(List.of(shard("1"), shard("2")), Map.of("1", finished(NOW)));

        assertThat(ready(lineage, "2")).isEmpty();
    }

    /** A listing that leaves a shard out by mistake must not make it start anew when it is listed again. */
    @Test
    void forgetsAFinishedShardOnlyWhenItsRecordsCannotBeThereAnyMore() {
        Map<String, ShardProgress> stored = Map.of(
                "old", finished(NOW.minus(Duration.ofHours(25))),
                "young", finished(NOW.minus(Duration.ofHours(23))),
                "unknown", finished(null),
                "listed", finished(NOW.minus(Duration.ofHours(25))),
                "unfinished", ShardProgress.startingAt(new ReadPosition.TrimHorizon()));
        ShardLineage lineage = ShardLineage.of(List.of(shard("listed")), stored);

        assertThat(lineage.forgettable(Duration.ofHours(24), NOW)).containsExactly("old");
        assertThat(lineage.forgettable(null, NOW)).isEmpty();
    }
}
