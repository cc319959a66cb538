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

    private static ShardLineage lineage(List<StreamShard> listed, Map<String, ShardProgress> stored) {
        return ShardLineage.NONE.with(stored).relisted(listed, true, NOW);
    }

    private static List<String> ready(ShardLineage lineage, String... running) {
        return ready(lineage, NOW, running);
    }

    private static List<String> ready(ShardLineage lineage, Instant now, String... running) {
        return lineage.ready(Set.of(running), now).stream()
                .map(StreamShard::shardId)
                .toList();
    }

    @Test
    void beginsShardsWithoutParentsOldestFirst() {
        assertThat(ready(lineage(List.of(shard("2"), shard("1")), Map.of()))).containsExactly("1", "2");
    }

    @Test
    void childrenWaitUntilTheirParentIsFinished() {
        List<StreamShard> listed = List.of(shard("1"), shard("2", "1"), shard("3", "1"));

        assertThat(ready(lineage(listed, Map.of()))).containsExactly("1");
        ShardLineage unfinished =
                lineage(listed, Map.of("1", ShardProgress.startingAt(new ReadPosition.TrimHorizon())));
        assertThat(ready(unfinished, "1")).isEmpty();
        assertThat(unfinished.waiting(Set.of("1"), NOW)).containsExactly("2", "3");
        assertThat(unfinished.waiting(Set.of("1", "2"), NOW))
                .as("what runs does not wait")
                .containsExactly("3");
        ShardLineage done = lineage(listed, Map.of("1", finished(NOW)));
        assertThat(ready(done)).containsExactly("2", "3");
        assertThat(done.waiting(Set.of(), NOW)).isEmpty();
    }

    @Test
    void aMergeWaitsForBothParents() {
        List<StreamShard> listed = List.of(shard("1"), shard("2"), shard("3", "1", "2"));

        assertThat(ready(lineage(listed, Map.of("1", finished(NOW))), "2")).isEmpty();
        assertThat(ready(lineage(listed, Map.of("1", finished(NOW), "2", finished(NOW)))))
                .containsExactly("3");
    }

    private static ShardProgress begun() {
        ShardCheckpoint checkpoint = new ShardCheckpoint(SequenceNumber.of("9"), NOW, List.of());
        return new ShardProgress(new ReadPosition.TrimHorizon(), checkpoint, null, false);
    }

    /** What the store has of it says that it was not done; reading tells whether the source still has it. */
    @Test
    void aParentThatWasBegunIsWaitedForAndReadAlsoWhereItIsNotListed() {
        ShardLineage restarted = lineage(List.of(shard("2", "1")), Map.of("1", begun()));

        assertThat(ready(restarted)).containsExactly("1");
        assertThat(ready(restarted, "1")).isEmpty();
        assertThat(restarted.waiting(Set.of("1"), NOW)).containsExactly("2");
        assertThat(restarted.gone(Set.of("1")))
                .as("it is told so, and asks the source")
                .containsExactly("1");
        assertThat(ready(restarted.with(Map.of("1", finished(NOW))))).containsExactly("2");
    }

    @Test
    void aParentThatAnEarlierListingNamedIsWaitedFor() {
        ShardLineage first = lineage(List.of(shard("0"), shard("1", "0")), Map.of());
        ShardLineage next = first.relisted(List.of(shard("2", "1")), true, NOW);

        assertThat(ready(next, "0")).as("waits for its own parent").isEmpty();
        assertThat(next.waiting(Set.of("0"), NOW)).containsExactly("1", "2");
        assertThat(ready(next)).as("not listed either, and not done").containsExactly("0");
        ShardLineage grown = next.with(Map.of("0", finished(NOW)));
        assertThat(ready(grown)).containsExactly("1");
        assertThat(ready(grown.relisted(List.of(shard("2", "1")), true, NOW)))
                .as("for as many listings as it takes")
                .containsExactly("1");
        assertThat(ready(grown.relisted(List.of(shard("1", "0"), shard("2", "1")), true, NOW)))
                .containsExactly("1");
    }

    /** Pinned when the mapping was created, and never begun: perhaps since its own parents, which are not known, were not done. */
    @Test
    void aParentOfUnknownParentsWaitsUntilItIsListed() {
        Map<String, ShardProgress> stored = Map.of(
                "0", begun(),
                "1", ShardProgress.startingAt(new ReadPosition.TrimHorizon()));
        ShardLineage restarted = lineage(List.of(shard("0"), shard("2", "1")), stored);

        assertThat(ready(restarted)).containsExactly("0");
        assertThat(restarted.waiting(Set.of("0"), NOW)).containsExactly("1", "2");
        ShardLineage listed = restarted.relisted(List.of(shard("0"), shard("1", "0"), shard("2", "1")), true, NOW);
        assertThat(ready(listed)).containsExactly("0");

        Instant later = NOW.plus(ShardLineage.UNSETTLED);
        ShardLineage still = restarted.relisted(List.of(shard("0"), shard("2", "1")), true, later.minusMillis(1));
        assertThat(ready(still, later.minusMillis(1), "0")).isEmpty();
        assertThat(ready(still, later, "0"))
                .as("all listings agree: it may be gone, and reading tells")
                .containsExactly("1");
    }

    private static StreamShard closed(String id, String... parents) {
        return new StreamShard(id, List.of(parents), true);
    }

    /** Nobody has named the shard between them, but the first one must have had a child. */
    @Test
    void aParentThatNobodyHasNamedIsWaitedForWhereAListingMustHaveLeftOneOut() {
        List<StreamShard> patchy = List.of(closed("0"), shard("2", "1"));
        ShardLineage restarted = lineage(patchy, Map.of("0", begun()));

        assertThat(ready(restarted, "0")).isEmpty();
        assertThat(restarted.waiting(Set.of("0"), NOW)).containsExactly("2");
        Instant later = NOW.plus(ShardLineage.UNSETTLED);
        ShardLineage still = restarted.relisted(patchy, true, later.minusMillis(1));
        assertThat(still.patchySince()).isEqualTo(NOW);
        assertThat(ready(still, later.minusMillis(1), "0")).isEmpty();
        assertThat(ready(still, later, "0")).as("it stays away").containsExactly("2");

        ShardLineage whole = still.relisted(List.of(closed("0"), closed("1", "0"), shard("2", "1")), true, NOW);
        assertThat(whole.patchySince()).isNull();
        assertThat(ready(whole.with(Map.of("0", finished(NOW))))).containsExactly("1");
        assertThat(ready(lineage(List.of(closed("2", "1"), shard("3", "2")), Map.of())))
                .as("every closed shard has its child")
                .containsExactly("2");
        ShardLineage goingOn = lineage(patchy, Map.of("0", begun(), "2", begun()));
        assertThat(ready(goingOn, "0")).as("its parents were done").containsExactly("2");
        ShardLineage unlisted = lineage(List.of(shard("2", "1")), Map.of("0", begun()));
        assertThat(unlisted.patchySince()).as("nobody says that it is closed").isNull();
        ShardLineage ended = ShardLineage.NONE.relisted(patchy, false, NOW);
        assertThat(ready(ended)).as("the last shards have none").containsExactly("0", "2");
    }

    @Test
    void knowsTheShardsThatAnEndNames() {
        ShardLineage lineage = lineage(List.of(shard("1")), Map.of("1", finished(NOW), "3", begun()))
                .named(List.of(shard("2", "1"), shard("3", "1", "2"), shard("1", "wrong")));

        assertThat(ready(lineage)).containsExactly("2");
        assertThat(lineage.missing()).isEmpty();
        assertThat(List.of("1", "2", "3", "4")).filteredOn(lineage::isKnown).containsExactly("1", "2", "3");
    }

    @Test
    void aParentThatNobodyHasNamedIsDoneUnlessItRuns() {
        ShardLineage lineage = lineage(List.of(shard("2", "1")), Map.of());

        assertThat(ready(lineage)).containsExactly("2");
        assertThat(ready(lineage, "1")).isEmpty();
        assertThat(lineage.gone(Set.of("1", "2"))).containsExactly("1");
    }

    @Test
    void doesNotBeginWhatRunsOrIsFinished() {
        ShardLineage lineage = lineage(List.of(shard("1"), shard("2")), Map.of("1", finished(NOW)));

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
        ShardLineage lineage = lineage(List.of(shard("listed")), stored);

        assertThat(lineage.forgettable(Duration.ofHours(24), NOW)).containsExactly("old");
    }
}
