package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.coordination.Placement;
import dev.millrace.source.StreamShard;
import dev.millrace.testkit.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the coordinator of the only node relies on, whoever says which shards are whose. */
abstract class PlacementContract {

    private static final Set<String> SHARDS = Set.of("shard-0", "shard-1", "shard-2");
    private static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration TO_END = Duration.ofSeconds(10);

    private final TestRuns runs = new TestRuns();

    /** The placement of a new mapping, on one node. The implementation closes it. */
    protected abstract Placement placement();

    @BeforeEach
    void begin() throws Exception {
        placement().begin(CREATED, runs);
    }

    @AfterEach
    void end() {
        placement().close();
    }

    @Test
    void givesEachOfferedShardOnceHoweverOftenItIsOffered() throws Exception {
        offer(SHARDS);
        offer(SHARDS);
        awaitRunning(SHARDS);
        offer(SHARDS);
        // What follows comes behind what was offered before.
        offer(Set.of("shard-3"));
        awaitRunning(Set.of("shard-0", "shard-1", "shard-2", "shard-3"));

        assertThat(runs.assigned()).containsExactlyInAnyOrder("shard-0", "shard-1", "shard-2", "shard-3");
    }

    @Test
    void givesNothingThatWasNotOffered() throws Exception {
        offer(Set.of());
        offer(Set.of("shard-0"));
        awaitRunning(Set.of("shard-0"));

        assertThat(runs.assigned()).containsExactly("shard-0");
    }

    @Test
    void whatIsGivenStandsAndItsInvocationsMayBegin() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        assertThat(SHARDS).allMatch(runs::stands);
        Eventually.until("all are certain", () -> SHARDS.stream().allMatch(runs::isCertain));
    }

    @Test
    void givesAShardAgainThatHasEndedUnfinished() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        runs.end("shard-0");
        offer(Set.of("shard-0"));

        awaitRunning(SHARDS);
        assertThat(runs.assigned()).containsExactlyInAnyOrder("shard-0", "shard-0", "shard-1", "shard-2");
    }

    @Test
    void givesWhatFollowsAFinishedShardAndNeverThatOneAgain() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        runs.finish("shard-0");
        offer(Set.of("child-0", "child-1"));

        awaitRunning(Set.of("shard-1", "shard-2", "child-0", "child-1"));
        assertThat(runs.assigned()).containsOnlyOnce("shard-0");
    }

    @Test
    void givesShardsOfAStreamThatWasCreatedAnewAlsoWhenTheirIdsAreTheSame() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        SHARDS.forEach(runs::finish);
        placement().replaced();
        placement().begin(CREATED.plusSeconds(1), runs);
        offer(SHARDS);

        awaitRunning(SHARDS);
        assertThat(runs.assigned()).hasSize(2 * SHARDS.size());
    }

    @Test
    void givesAShardThatWasForgottenOnlyWhenItIsOfferedAgain() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        runs.finish("shard-0");
        placement().forget(Set.of("shard-0"));
        offer(Set.of("shard-3"));

        awaitRunning(Set.of("shard-1", "shard-2", "shard-3"));
        assertThat(runs.assigned()).containsOnlyOnce("shard-0");
    }

    @Test
    void givesNothingMoreAndEndsWhenItIsStopped() throws Exception {
        offer(SHARDS);
        awaitRunning(SHARDS);

        placement().stop(Instant.now().plus(TO_END));
        runs.stop();
        offer(Set.of("shard-3"));

        assertThat(placement().awaitEnd(TO_END)).as("has ended").isTrue();
        awaitRunning(Set.of());
        assertThat(runs.assigned()).containsExactlyInAnyOrderElementsOf(SHARDS);
    }

    private void offer(Collection<String> shardIds) throws Exception {
        placement()
                .offer(shardIds.stream()
                        .map(shardId -> new StreamShard(shardId, List.of(), false))
                        .toList());
    }

    private void awaitRunning(Set<String> shardIds) {
        Eventually.until(shardIds + " run", () -> runs.running().equals(shardIds));
    }
}
