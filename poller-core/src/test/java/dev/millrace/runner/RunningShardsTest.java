package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunningShardsTest {

    private static final UUID MAPPING = UUID.nameUUIDFromBytes(new byte[] {3});
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final ShardProgress LATE = ShardProgress.startingAt(new ReadPosition.TrimHorizon(), NOW);

    private final MemoryStore store = new MemoryStore();
    private final List<String> told = new ArrayList<>();
    private final List<ShardLease> begun = new ArrayList<>();
    private final ShardHost host = new BeginningHost();
    private final RunningShards shards =
            new RunningShards(new ShardLease.Terms(MAPPING, store, false, new NoEnds()), () -> NOW);

    @BeforeEach
    void createTheMapping() throws Exception {
        store.create(MAPPING, new MappingProgress("arn", NOW, null, Map.of()), null);
    }

    @Test
    void beginsAShardThatCameBackOnlyWhenWhatRanHasEnded() {
        assertThat(shards.begin(new NotedHold("first"), NOW, host)).isTrue();
        assertThat(shards.begin(new NotedHold("second"), NOW, host)).isFalse();
        assertThat(shards.begin(new NotedHold("third"), NOW, host)).isFalse();

        assertThat(begun).hasSize(1);
        assertThat(told).containsExactly("first runs", "second ended");
        Hold next = shards.ended("a").orElseThrow();
        assertThat(shards.areNone()).isTrue();
        assertThat(shards.begin(next, NOW, host)).isTrue();
        assertThat(told).containsExactly("first runs", "second ended", "third runs");
        assertThat(shards.ended("a")).isEmpty();
    }

    @Test
    void beginsNothingAgainWhenItsStreamIsLeft() {
        shards.begin(new NotedHold("first"), NOW, host);
        shards.begin(new NotedHold("second"), NOW, host);

        shards.leave();

        assertThat(told).containsExactly("first runs", "second ended");
        assertThat(shards.ended("a")).isEmpty();
    }

    @Test
    void beginsWhereWasSaidFirst() throws Exception {
        shards.mayBegin(Map.of("a", LATE));
        shards.mayBegin(Map.of("a", StartingPoints.OLDEST));

        shards.begin(new NotedHold("first"), NOW, host);

        assertThat(begun.getFirst().load()).isEqualTo(LATE);
    }

    @Test
    void forgetsWhereAShardBeginsThatMayNotAnyMore() throws Exception {
        shards.mayBegin(Map.of("a", LATE));
        shards.mayBegin(Map.of("b", LATE));

        shards.begin(new NotedHold("first"), NOW, host);

        assertThat(begun.getFirst().load()).isEqualTo(StartingPoints.OLDEST);
    }

    private final class BeginningHost implements ShardHost {

        @Override
        public void described(StreamAttributes attributes) {}

        @Override
        public ShardRun begin(ShardLease lease) {
            begun.add(lease);
            ShardRun run = new EndlessRun();
            lease.runs(run);
            return run;
        }
    }

    private static final class EndlessRun implements ShardRun {

        @Override
        public void stop(Instant deadline) {}

        @Override
        public void leaseLost() {}

        @Override
        public void shardGone() {}

        @Override
        public boolean awaitEnd(Duration time) {
            return false;
        }
    }

    private static final class NoEnds implements ShardLease.Ends {

        @Override
        public void finished(String shardId, ShardProgress progress, List<StreamShard> children) {}

        @Override
        public void ended(String shardId) {}
    }

    /** Of the shard {@code a}. */
    private final class NotedHold implements Hold {

        private final String name;

        private NotedHold(String name) {
            this.name = name;
        }

        @Override
        public String shardId() {
            return "a";
        }

        @Override
        public boolean stands() {
            return true;
        }

        @Override
        public boolean isCertain() {
            return true;
        }

        @Override
        public void awaitCertainty() {}

        @Override
        public void runs(ShardRun run) {
            told.add(name + " runs");
        }

        @Override
        public void finished() {
            told.add(name + " finished");
        }

        @Override
        public void ended() {
            told.add(name + " ended");
        }
    }
}
