package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.Placed;
import dev.millrace.testkit.process.DaemonProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a shard that a bad batch blocks, and of its mapping: status, metrics, log. */
final class StreamObservabilityIT {

    @TempDir
    private Path folder;

    private StreamScene scene;
    private Instant began;
    private TestStream stream;
    private Placed bad;
    private Placed behind;
    private DaemonProcess daemon;

    /** Two shards and two lanes each; one lane of the first shard is blocked, everything else is done. */
    @BeforeEach
    void blockALane() {
        began = Instant.now();
        scene = new StreamScene(folder);
        stream = scene.server().stream("payments", 2);
        scene.answers(event -> event.has("bad") ? StreamEvent.error("card expired") : FunctionAnswer.ok(""));
        daemon = scene.startReady(scene.config(
                scene.fn(10),
                StreamScene.mapping(
                        stream,
                        "BatchSize: 1, ParallelizationFactor: 2, MaximumRecordAgeInSeconds: 3600, "
                                + StreamScene.QUICK)));
        bad = stream.put("card-1", "bad");
        behind = stream.put("card-1", "behind");
        for (int n = 2; n < 12; n++) {
            stream.put("card-" + n, String.valueOf(n));
        }
        // All keys but those that share the blocked lane.
        Eventually.until("a third attempt", () -> scene.deliveries().getOrDefault("bad", 0) >= 3);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void statusShowsTheBlockedLaneFirst() throws Exception {
        Eventually.holds("the lane to wait for its next attempt", () -> {
            JsonNode shard = daemon.status().at("/EventSourceMappings/0/Shards/0");
            JsonNode lane = shard.at("/Lanes/0");
            assertThat(shard.get("ShardId").asText()).isEqualTo(bad.shardId());
            assertThat(shard.get("State").asText()).isEqualTo("running");
            assertThat(shard.get("RetentionSeconds").asDouble()).isEqualTo(86_400);
            assertThat(shard.get("BehindLatestSeconds").asDouble()).isZero();
            assertThat(shard.get("HeldRecords").asInt()).isGreaterThanOrEqualTo(2);
            assertThat(shard.has("SettledPosition"))
                    .as("nothing before the bad record")
                    .isFalse();
            assertThat(lane.get("State").asText()).isEqualTo("backing off");
            assertThat(lane.get("BatchFirst").asText()).isEqualTo(bad.sequenceNumber());
            assertThat(lane.get("BatchLast").asText()).isEqualTo(bad.sequenceNumber());
            assertThat(lane.get("BatchSize").asInt()).isEqualTo(1);
            assertThat(lane.get("Attempt").asInt()).isGreaterThanOrEqualTo(3);
            assertThat(lane.get("WaitingRecords").asInt()).isPositive();
            assertThat(lane.get("LastError").asText()).contains("Poison", "card expired");
            assertThat(Instant.parse(lane.get("BlockedSince").asText())).isBetween(began, Instant.now());
            assertThat(Instant.parse(lane.get("NextRetry").asText()))
                    .isBetween(began, Instant.now().plus(Duration.ofSeconds(2)));
            assertThat(lane.get("ExpiresByAgeInSeconds").asDouble()).isCloseTo(3_600, within(120.0));
            assertThat(lane.get("ExpiresByRetentionInSeconds").asDouble()).isCloseTo(86_400, within(120.0));
        });
        JsonNode mapping = daemon.status().at("/EventSourceMappings/0");
        assertThat(mapping.get("State").asText()).isEqualTo("Enabled");
        assertThat(mapping.get("ShardsProcessed").asInt()).isEqualTo(2);
        assertThat(mapping.get("ShardsWaitingForParents").asInt()).isZero();
        assertThat(mapping.at("/Shards/1/IdleLanes").asInt()).isEqualTo(2);
        assertThat(daemon.get("/health/ready").status())
                .as("a bad batch is not the daemon's fault")
                .isEqualTo(200);
    }

    @Test
    void metricsTellThatAndSinceWhenALaneIsBlocked() throws Exception {
        String name = stream.name();
        Eventually.until("a lane to be blocked", () -> daemon.metric("millrace_blocked_lanes", name) == 1);
        assertThat(daemon.metric("millrace_blocked_seconds", name))
                .isPositive()
                .isLessThan(Duration.between(began, Instant.now()).toSeconds() + 1.0);
        assertThat(daemon.metric("millrace_attempts", name)).isGreaterThanOrEqualTo(3);
        assertThat(daemon.metric("millrace_expiry_seconds", name)).isCloseTo(3_600, within(120.0));
        assertThat(daemon.metric("millrace_shards", name)).isEqualTo(2);
        assertThat(daemon.metric("millrace_mapping_running", name)).isEqualTo(1);
        assertThat(daemon.metric("millrace_checkpoint_age_seconds", name)).isPositive();
        assertThat(daemon.metric("millrace_failed_invoke_event_count_total", name))
                .isGreaterThanOrEqualTo(3);
        assertThat(daemon.metric("millrace_iterator_age_seconds_count", name)).isGreaterThanOrEqualTo(3);
        assertThat(daemon.metric("millrace_shard_blocked_seconds", bad.shardId()))
                .isPositive();
        String other = stream.openShards().stream()
                .filter(shard -> !shard.equals(bad.shardId()))
                .findFirst()
                .orElseThrow();
        assertThat(daemon.metric("millrace_shard_blocked_seconds", other)).isZero();
        Eventually.until(
                "the other shard to be as new as its last read",
                () -> daemon.metric("millrace_shard_checkpoint_age_seconds", other) < 1);
        assertThat(daemon.metric("millrace_shard_checkpoint_age_seconds", bad.shardId()))
                .isCloseTo(daemon.metric("millrace_checkpoint_age_seconds", name), within(5.0));

        scene.function().always(FunctionAnswer.ok(""));
        scene.awaitDelivered("behind");
        Eventually.until("no lane to be blocked", () -> daemon.metric("millrace_blocked_lanes", name) == 0);
        assertThat(daemon.metric("millrace_blocked_seconds", name)).isZero();
        assertThat(daemon.metric("millrace_expiry_seconds", name)).isInfinite();
    }

    @Test
    void theLogNamesShardLaneRangeAttemptAndError() {
        String line = daemon.output().await("WARN", "invocation ended", "attempt=\"3\"");
        assertThat(line)
                .contains(
                        "[stream/payments/" + bad.shardId() + ">fn]",
                        "lane=\"",
                        "records=\"1\"",
                        "first=\"" + bad.sequenceNumber() + "\"",
                        "last=\"" + bad.sequenceNumber() + "\"",
                        "outcome=\"FunctionError\"",
                        "card expired");
        assertThat(daemon.output().lines()).noneMatch(other -> other.contains(behind.sequenceNumber()));
        assertThat(daemon.output().count("ERROR")).isZero();
    }
}
