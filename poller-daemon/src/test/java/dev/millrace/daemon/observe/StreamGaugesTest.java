package dev.millrace.daemon.observe;

import static dev.millrace.daemon.observe.StreamFixture.NOW;
import static dev.millrace.daemon.observe.StreamFixture.SHARD;
import static dev.millrace.daemon.observe.StreamFixture.blocked;
import static dev.millrace.daemon.observe.StreamFixture.idle;
import static dev.millrace.daemon.observe.StreamFixture.mapping;
import static dev.millrace.daemon.observe.StreamFixture.shard;
import static dev.millrace.daemon.observe.StreamFixture.stream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.Placement.Owner;
import dev.millrace.runner.StreamSnapshot;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardSnapshot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamGaugesTest {

    private static final String OTHER = "shardId-000000000001";

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StreamGauges gauges = new StreamGauges(
            mapping(),
            registry,
            InstantSource.fixed(NOW),
            shardId -> shardId.equals(SHARD) ? Optional.of(Duration.ofSeconds(7)) : Optional.empty());

    @Test
    void showsNothingBeforeTheFirstState() {
        assertThat(gauge("millrace.shards")).isNaN();
        assertThat(gauge("millrace.mapping.running")).isZero();
        assertThat(gauge("millrace.mapping.alive")).isEqualTo(1);
    }

    @Test
    void showsEachShard() {
        gauges.update(stream(Map.of(SHARD, shard(null, idle(0), blocked(1)), OTHER, shard(null, idle(0)))), true);

        assertThat(gauge("millrace.shard.iterator.age.seconds", SHARD)).isEqualTo(7);
        assertThat(gauge("millrace.shard.iterator.age.seconds", OTHER)).isNaN();
        assertThat(gauge("millrace.shard.behind.latest.seconds", SHARD)).isEqualTo(1.5);
        assertThat(gauge("millrace.shard.checkpoint.age.seconds", SHARD)).isEqualTo(30);
        assertThat(gauge("millrace.shard.attempts", SHARD)).isEqualTo(2);
        assertThat(gauge("millrace.shard.blocked.seconds", SHARD)).isEqualTo(120);
        assertThat(gauge("millrace.shard.blocked.seconds", OTHER)).isZero();
        assertThat(gauge("millrace.shard.expiry.seconds", SHARD)).isEqualTo(5_400);
        assertThat(gauge("millrace.shard.expiry.seconds", OTHER)).isInfinite();
        assertThat(gauge("millrace.shard.held.records", SHARD)).isEqualTo(8);
        assertThat(gauge("millrace.shard.running", SHARD)).isEqualTo(1);
    }

    @Test
    void addsUpAllShardsAndShowsTheWorstOfThem() {
        gauges.update(stream(Map.of(SHARD, shard(null, idle(0), blocked(1)), OTHER, shard(null, idle(0)))), true);

        assertThat(gauge("millrace.mapping.running")).isEqualTo(1);
        assertThat(gauge("millrace.shards")).isEqualTo(2);
        assertThat(gauge("millrace.held.records")).isEqualTo(16);
        assertThat(gauge("millrace.held.bytes")).isEqualTo(1_600);
        assertThat(gauge("millrace.batches.backing.off")).isEqualTo(1);
        assertThat(gauge("millrace.batches.unsaved")).isEqualTo(2);
        assertThat(gauge("millrace.blocked.lanes")).isEqualTo(1);
        assertThat(gauge("millrace.blocked.seconds")).isEqualTo(120);
        assertThat(gauge("millrace.attempts")).isEqualTo(2);
        assertThat(gauge("millrace.behind.latest.seconds")).isEqualTo(1.5);
        assertThat(gauge("millrace.checkpoint.age.seconds")).isEqualTo(30);
        assertThat(gauge("millrace.expiry.seconds")).isEqualTo(5_400);
    }

    @Test
    void letsTheGaugesOfAShardVanishWithIt() {
        gauges.update(stream(Map.of(SHARD, shard(null, idle(0)))), true);
        int ofOneShard = registry.getMeters().size();

        gauges.update(stream(Map.of(OTHER, shard(null, idle(0)))), true);
        assertThat(registry.getMeters()).hasSize(ofOneShard);
        assertThat(registry.find("millrace.shard.running").tag("shard", SHARD).gauge())
                .isNull();
        assertThat(gauge("millrace.shard.running", OTHER)).isEqualTo(1);

        gauges.update(stream(Map.of()), true);
        assertThat(registry.find("millrace.shard.running").gauges()).isEmpty();
        assertThat(gauge("millrace.shards")).isZero();
        assertThat(gauge("millrace.checkpoint.age.seconds")).isNaN();
    }

    @Test
    void showsOnlyTheSumOfTooManyShards() {
        gauges.update(shards(StreamGauges.MOST_SHARDS), true);
        assertThat(registry.find("millrace.shard.running").gauges()).hasSize(StreamGauges.MOST_SHARDS);

        gauges.update(shards(StreamGauges.MOST_SHARDS + 1), true);
        assertThat(registry.find("millrace.shard.running").gauges()).isEmpty();
        assertThat(gauge("millrace.shards")).isEqualTo(StreamGauges.MOST_SHARDS + 1);
    }

    @Test
    void isNotRunningWhileAShardCannotBeReadOrRestarts() {
        SourceProblem denied = new SourceProblem(SourceProblem.Kind.ACCESS_DENIED, "no");
        gauges.update(stream(Map.of(SHARD, shard(denied, idle(0)))), true);
        assertThat(gauge("millrace.mapping.running")).isZero();
        assertThat(gauge("millrace.shards.in.trouble")).isEqualTo(1);
        assertThat(gauge("millrace.shard.running", SHARD)).isZero();

        gauges.update(
                new StreamSnapshot(
                        StreamSnapshot.Phase.RUNNING,
                        Map.of(),
                        Set.of(OTHER),
                        new Coordination(true, 3, 0, Map.of(), null)),
                true);
        assertThat(gauge("millrace.mapping.running")).isZero();
        assertThat(gauge("millrace.shards.in.trouble")).isEqualTo(1);
        assertThat(gauge("millrace.shards.waiting")).isEqualTo(3);
    }

    @Test
    void countsWhatOtherNodesHave() {
        Owner here = new Owner("here", Instant.EPOCH, "there");
        Owner there = new Owner("there", Instant.EPOCH, null);
        gauges.update(
                new StreamSnapshot(
                        StreamSnapshot.Phase.RUNNING,
                        Map.of(SHARD, shard(null, idle(0))),
                        Set.of(),
                        new Coordination(true, 0, 4, Map.of(SHARD, here, OTHER, there, "third", there), null)),
                true);

        assertThat(gauge("millrace.shards")).isEqualTo(1);
        assertThat(gauge("millrace.shards.elsewhere")).isEqualTo(2);
        assertThat(gauge("millrace.shards.handing.over")).isEqualTo(1);
        assertThat(gauge("millrace.shards.without.owner")).isEqualTo(4);
    }

    private static StreamSnapshot shards(int number) {
        ShardSnapshot one = shard(null, idle(0));
        return stream(
                IntStream.range(0, number).boxed().collect(Collectors.toMap(shard -> "shardId-" + shard, _ -> one)));
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private double gauge(String name, String shardId) {
        Gauge gauge = registry.get(name).tag("shard", shardId).gauge();
        return gauge.value();
    }
}
