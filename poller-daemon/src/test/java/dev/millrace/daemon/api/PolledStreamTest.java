package dev.millrace.daemon.api;

import static dev.millrace.daemon.observe.StreamFixture.NOW;
import static dev.millrace.daemon.observe.StreamFixture.SHARD;
import static dev.millrace.daemon.observe.StreamFixture.blocked;
import static dev.millrace.daemon.observe.StreamFixture.idle;
import static dev.millrace.daemon.observe.StreamFixture.mapping;
import static dev.millrace.daemon.observe.StreamFixture.shard;
import static dev.millrace.daemon.observe.StreamFixture.stream;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.Coordination.Trouble;
import dev.millrace.coordination.Placement.Owner;
import dev.millrace.runner.StreamSnapshot;
import dev.millrace.runner.StreamSnapshot.Phase;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardSnapshot;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class PolledStreamTest {

    private static final SourceProblem DENIED =
            new SourceProblem(SourceProblem.Kind.ACCESS_DENIED, "allow kinesis:GetRecords");

    @Test
    void showsEveryFactOfALaneThatIsBlocked() {
        JsonNode shown = status(stream(Map.of(SHARD, shard(null, idle(0), blocked(1)))));

        assertThat(shown.get("State").asText()).isEqualTo("Enabled");
        assertThat(shown.get("ShardsProcessed").asInt()).isEqualTo(1);
        assertThat(shown.get("Shards").get(0).toString())
                .isEqualTo("{\"ShardId\":\"shardId-000000000000\",\"State\":\"running\",\"SettledPosition\":\"4\","
                        + "\"SettledUpTo\":\"2025-12-31T23:59:30Z\",\"NextRead\":\"AFTER 12\","
                        + "\"BehindLatestSeconds\":1.5,\"RetentionSeconds\":86400.0,\"CircuitBreaker\":\"AVAILABLE\","
                        + "\"HeldRecords\":8,\"HeldBytes\":800,\"UnsavedBatches\":1,\"Lanes\":[{\"Lane\":1,"
                        + "\"State\":\"backing off\",\"BatchFirst\":\"5\",\"BatchLast\":\"9\",\"BatchSize\":5,"
                        + "\"Attempt\":2,\"WaitingRecords\":3,\"LastError\":\"Error: boom\","
                        + "\"BlockedSince\":\"2025-12-31T23:58:00Z\",\"NextRetry\":\"2026-01-01T00:00:04Z\","
                        + "\"ExpiresByAgeInSeconds\":5400.0,\"ExpiresByRetentionInSeconds\":82800.0}],"
                        + "\"IdleLanes\":1}");
    }

    @Test
    void showsShardsFirstThatNeedHelp() {
        JsonNode shown = status(
                stream(Map.of("a", shard(null, idle(0)), "b", shard(null, blocked(0)), "c", shard(DENIED, idle(0)))));

        assertThat(ids(shown)).containsExactly("c", "b", "a");
        assertThat(shown.get("Shards").get(0).get("State").asText()).isEqualTo("source trouble: ACCESS_DENIED");
        assertThat(shown.get("Shards").get(0).get("Problem").asText()).isEqualTo("allow kinesis:GetRecords");
        assertThat(shown.get("State").asText()).isEqualTo("source trouble: ACCESS_DENIED in 1 of 3 shards");
    }

    @Test
    void leavesOutTheRestOfVeryManyShards() {
        ShardSnapshot one = shard(null, idle(0));
        JsonNode shown = status(stream(IntStream.rangeClosed(0, PolledStream.MOST_SHARDS)
                .boxed()
                .collect(Collectors.toMap(number -> "shardId-" + number, _ -> one))));

        assertThat(ids(shown)).hasSize(PolledStream.MOST_SHARDS);
        assertThat(shown.get("ShardsNotShown").asInt()).isEqualTo(1);
    }

    @Test
    void saysWhyTheStreamCannotBeLookedAt() {
        StreamSnapshot denied = new StreamSnapshot(
                Phase.STARTING,
                Map.of(),
                Set.of(),
                new Coordination(false, 0, 0, Map.of(), new Trouble("source trouble: NOT_FOUND", "create the stream")));

        assertThat(status(denied).get("State").asText()).isEqualTo("source trouble: NOT_FOUND");
        assertThat(status(denied).get("Problem").asText()).isEqualTo("create the stream");
        assertThat(content(denied).ready().ok()).isFalse();
    }

    @Test
    void isReadyWhenEveryShardIsProcessed() {
        Coordination coordination = new Coordination(true, 1, 0, Map.of(), null);
        ShardSnapshot shard = shard(null, blocked(0));
        StreamSnapshot starting = new StreamSnapshot(Phase.RUNNING, Map.of(), Set.of(SHARD), coordination);

        assertThat(content(new StreamSnapshot(Phase.RUNNING, Map.of(SHARD, shard), Set.of(), coordination))
                        .ready()
                        .ok())
                .as("a failing function is no fault of the mapping")
                .isTrue();
        assertThat(content(starting).ready().ok()).isFalse();
        assertThat(content(starting).ready().detail().toString()).contains("starting 1 shards");
        assertThat(status(starting).get("ShardsStarting").get(0).asText()).isEqualTo(SHARD);
        assertThat(content(new StreamSnapshot(Phase.STOPPING, Map.of(), Set.of(), coordination))
                        .ready()
                        .ok())
                .isFalse();
    }

    @Test
    void showsWhoHasWhichShardWhereNodesShareThem() {
        Coordination shared = new Coordination(
                true,
                0,
                1,
                Map.of(
                        "shardId-1",
                        new Owner("node-b", NOW.minusSeconds(90), "node-a"),
                        "shardId-0",
                        new Owner("node-a", NOW.minusSeconds(5), null)),
                null);
        JsonNode shown = status(new StreamSnapshot(Phase.RUNNING, Map.of(), Set.of(), shared));

        assertThat(shown.get("ShardsWithoutOwner").asInt()).isEqualTo(1);
        assertThat(shown.get("Owners").get(0).toString())
                .isEqualTo("{\"ShardId\":\"shardId-0\",\"Node\":\"node-a\",\"Since\":\"" + NOW.minusSeconds(5)
                        + "\",\"Seconds\":5}");
        assertThat(shown.get("Owners").get(1).get("HandingOverTo").asText()).isEqualTo("node-a");
    }

    @Test
    void saysNothingOfOwnersOnASingleNode() {
        assertThat(status(new StreamSnapshot(Phase.RUNNING, Map.of(), Set.of(), Coordination.NONE))
                        .has("Owners"))
                .isFalse();
    }

    private static List<String> ids(JsonNode shown) {
        return StreamSupport.stream(shown.get("Shards").spliterator(), false)
                .map(shard -> shard.get("ShardId").asText())
                .toList();
    }

    private static JsonNode status(StreamSnapshot snapshot) {
        return content(snapshot).status().get("EventSourceMappings").get(0);
    }

    private static StatusContent content(StreamSnapshot snapshot) {
        PolledStream polled = new PolledStream(mapping(), () -> snapshot, () -> true, InstantSource.fixed(NOW));
        return new StatusContent(
                () -> new StatusContent.Mappings(List.of(mapping()), List.of(polled), null), List.of(), () -> "");
    }
}
