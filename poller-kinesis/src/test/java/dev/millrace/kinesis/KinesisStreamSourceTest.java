package dev.millrace.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.Loopback;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream itself: its shards and its tip. */
class KinesisStreamSourceTest {

    private static final StreamShard SHARD = new StreamShard("shardId-000000000000", List.of(), false);

    private static StreamSource source(ScriptedKinesis kinesis) {
        return new KinesisStreamSource(
                ScriptedKinesis.AWS, kinesis.calls(), KinesisStreamSource.POLLING, Keying.WHOLE, _ -> {
                    throw new AssertionError("no shard is read");
                });
    }

    /** The record that arrives while the answer is on its way must not be missed: so it counts from the call on. */
    @Test
    void latestIsTheTimeOfTheServiceWhenItWasAsked() throws Exception {
        ScriptedKinesis kinesis = new ScriptedKinesis();
        kinesis.date = "Fri, 02 Jan 2026 03:00:00 GMT";

        ReadPosition latest = source(kinesis).latest(SHARD);

        assertThat(latest).isInstanceOfSatisfying(ReadPosition.AtTimestamp.class, at -> {
            assertThat(at.timestamp())
                    .isBetween(Instant.parse("2026-01-02T02:59:50Z"), Instant.parse("2026-01-02T03:00:00Z"));
            assertThat(at.timestamp()).isEqualTo(at.timestamp().truncatedTo(ChronoUnit.MILLIS));
        });
        assertThat(kinesis.iterators.getFirst().shardId()).isEqualTo(SHARD.shardId());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "yesterday")
    void latestIsTheLocalTimeWhereTheServiceTellsNone(@Nullable String date) throws Exception {
        ScriptedKinesis kinesis = new ScriptedKinesis();
        kinesis.date = date;
        Instant before = Instant.now().minusSeconds(10);

        assertThat(source(kinesis).latest(SHARD))
                .isInstanceOfSatisfying(
                        ReadPosition.AtTimestamp.class,
                        at -> assertThat(at.timestamp()).isBetween(before, Instant.now()));
    }

    @Test
    void aListOfShardsWithoutEndIsAProblem() {
        ScriptedKinesis kinesis = new ScriptedKinesis();

        SourceException e = catchThrowableOfType(
                SourceException.class, () -> source(kinesis).shards());

        assertThat(e.problem().kind()).isEqualTo(Kind.REJECTED);
        assertThat(kinesis.lists).hasSize(1_000);
        assertThat(kinesis.lists.getFirst().streamARN()).isNotNull();
        assertThat(kinesis.lists.get(1).streamARN()).isNull();
        assertThat(kinesis.lists.get(1).nextToken()).isEqualTo("more");
    }

    @Test
    void everyPageOfShardsIsListed() throws Exception {
        try (KinesisServer server = KinesisServer.start();
                KinesisStreams streams = new KinesisStreams(server.endpoint())) {
            server.stream("large", 2_500);

            assertThat(streams.open(KinesisStreams.arn("large"), List.of()).shards())
                    .extracting(StreamShard::shardId)
                    .doesNotHaveDuplicates()
                    .hasSize(2_500);
            assertThat(server.calls().count("ListShards")).isEqualTo(3);
        }
    }

    @Test
    void aMergedShardHasTwoParents() throws Exception {
        try (KinesisServer server = KinesisServer.start();
                KinesisStreams streams = new KinesisStreams(server.endpoint())) {
            TestStream stream = server.stream("merged", 2);
            String merged = stream.merge("shardId-000000000000", "shardId-000000000001");

            assertThat(streams.open(KinesisStreams.arn("merged"), List.of()).shards())
                    .contains(new StreamShard(merged, List.of("shardId-000000000000", "shardId-000000000001"), false));
        }
    }

    @Test
    void theRetentionIsTheStreams() throws Exception {
        ScriptedKinesis kinesis = new ScriptedKinesis();
        kinesis.retentionHours = 8_760;

        assertThat(source(kinesis).describe().retention()).isEqualTo(Duration.ofDays(365));
        assertThat(source(kinesis).describe().created()).as("not told").isNull();
    }

    @Test
    void pollingStaysWithinTheLimitOfAShard() {
        try (KinesisStreams streams = new KinesisStreams(Loopback.nothingListens())) {
            assertThat(streams.open(KinesisStreams.arn("s"), List.of()).pacing().busy())
                    .isEqualTo(Duration.ofMillis(200));
            assertThat(streams.open(KinesisStreams.arn("s") + "/consumer/c:1", List.of())
                            .pacing()
                            .busy())
                    .isZero();
        }
    }

    @Test
    void otherArnsAreRefused() {
        try (KinesisStreams streams = new KinesisStreams(Loopback.nothingListens())) {
            assertThatThrownBy(() -> streams.open("arn:aws:sqs:us-east-1:000000000000:queue", List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
