package dev.millrace.dynamodb;

import static dev.millrace.dynamodb.ScriptedStreams.AWS;
import static dev.millrace.dynamodb.ScriptedStreams.LABEL;
import static dev.millrace.dynamodb.ScriptedStreams.TABLE;
import static dev.millrace.dynamodb.ScriptedStreams.failure;
import static dev.millrace.dynamodb.ScriptedStreams.listed;
import static dev.millrace.dynamodb.ScriptedStreams.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamRequest;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsRequest;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsResponse;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamStatus;

/** The stream itself: its attributes, its shards and its tip. */
class DynamoDbStreamSourceTest {

    private static final StreamShard SHARD = new StreamShard(ScriptedStreams.SHARD, List.of(), false);
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final TableStream LATEST = ScriptedStreams.stream(TABLE + "/stream/latest", null);

    private final ScriptedStreams streams = new ScriptedStreams();

    private static StreamDescription description(StreamStatus status) {
        return StreamDescription.builder()
                .streamStatus(status)
                .creationRequestDateTime(CREATED)
                .build();
    }

    // ---- attributes ----

    @ParameterizedTest
    @EnumSource(
            value = StreamStatus.class,
            mode = Mode.INCLUDE,
            names = {"ENABLED", "ENABLING", "UNKNOWN_TO_SDK_VERSION"})
    void aStreamKeepsItsRecordsForADay(StreamStatus status) throws Exception {
        streams.describe = _ -> description(status);

        assertThat(streams.source(AWS).describe()).isEqualTo(new StreamAttributes(Duration.ofHours(24), CREATED));
        assertThat(streams.descriptions).singleElement().satisfies(request -> {
            assertThat(request.streamArn()).isEqualTo(AWS.source().toString());
            assertThat(request.limit()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = StreamStatus.class,
            mode = Mode.INCLUDE,
            names = {"DISABLING", "DISABLED"})
    void aDisabledStreamIsTold(StreamStatus status) throws Exception {
        streams.describe = _ -> description(status);

        assertThat(streams.source(AWS).describe().ended())
                .startsWith(AWS.source().toString())
                .contains("was disabled")
                .contains("read to its end")
                .contains("EventSourceArn");
        assertThat(streams.lists).as("that would take one more right").isEmpty();
    }

    // ---- the newest stream of a table ----

    @Test
    void latestIsTheNewestStreamOfTheTable() throws Exception {
        streams.list = request -> request.exclusiveStartStreamArn() == null
                ? ListStreamsResponse.builder()
                        .streams(listed(LABEL), listed("2026-03-01T00:00:00.000"))
                        .lastEvaluatedStreamArn("more")
                        .build()
                : ListStreamsResponse.builder()
                        .streams(listed("2026-02-01T00:00:00.000"))
                        .build();

        DynamoDbStreamSource source = streams.source(LATEST);
        source.describe();
        source.shards();

        assertThat(streams.descriptions)
                .extracting(DescribeStreamRequest::streamArn)
                .containsOnly(TABLE + "/stream/2026-03-01T00:00:00.000");
        assertThat(streams.lists).extracting(ListStreamsRequest::tableName).containsExactly("orders", "orders");
        assertThat(streams.lists.get(1).exclusiveStartStreamArn()).isEqualTo("more");
    }

    @Test
    void aTableWithoutAStreamIsNotFound() {
        SourceException e = catchThrowableOfType(
                SourceException.class, () -> streams.source(LATEST).describe());

        assertThat(e.problem().kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(e.problem().message()).contains("the table orders has no stream");
    }

    /** To go over to the new one while records of this one are left would lose them. */
    @Test
    void aNewerStreamIsToldWhenTheOneThatIsReadIsDisabled() throws Exception {
        streams.list = _ -> ListStreamsResponse.builder().streams(listed(LABEL)).build();
        DynamoDbStreamSource source = streams.source(LATEST);
        assertThat(source.describe().ended()).isNull();

        streams.describe = _ -> description(StreamStatus.DISABLED);
        assertThat(source.describe().ended()).contains("Where it is enabled again");
        streams.list = _ -> ListStreamsResponse.builder()
                .streams(listed(LABEL), listed("2026-02-01T00:00:00.000"))
                .build();

        assertThat(source.describe().ended())
                .contains("The table has a newer one, " + TABLE + "/stream/2026-02-01T00:00:00.000");
        assertThat(streams.descriptions)
                .extracting(DescribeStreamRequest::streamArn)
                .containsOnly(TABLE + "/stream/" + LABEL);
        assertThat(source.successor()).contains(TABLE + "/stream/2026-02-01T00:00:00.000");
        assertThat(source.arn()).isEqualTo(TABLE + "/stream/" + LABEL);
    }

    /** It was disabled and enabled twice within 24 hours: what the one in between has can still be read. */
    @Test
    void aStreamIsFollowedByTheNextOneAndNotByTheNewest() throws Exception {
        streams.list = _ -> ListStreamsResponse.builder()
                .streams(listed("2026-03-01T00:00:00.000"), listed(LABEL), listed("2026-02-01T00:00:00.000"))
                .build();
        DynamoDbStreamSource source = streams.source(LATEST);
        source.goOnWith(TABLE + "/stream/" + LABEL);

        assertThat(source.successor()).contains(TABLE + "/stream/2026-02-01T00:00:00.000");

        source.goOnWith(TABLE + "/stream/2026-02-01T00:00:00.000");
        assertThat(source.successor()).contains(TABLE + "/stream/2026-03-01T00:00:00.000");

        source.goOnWith(TABLE + "/stream/2026-03-01T00:00:00.000");
        assertThat(source.successor()).isEmpty();
    }

    @Test
    void aTableWithOneStreamHasNoSuccessor() throws Exception {
        streams.list = _ -> ListStreamsResponse.builder().streams(listed(LABEL)).build();
        DynamoDbStreamSource source = streams.source(LATEST);
        source.describe();

        assertThat(source.successor()).isEmpty();
        assertThat(streams.source(AWS).successor())
                .as("of a stream that is named")
                .isEmpty();
    }

    @Test
    void theStreamThatWasReadLastIsReadOn() throws Exception {
        streams.list = _ -> ListStreamsResponse.builder()
                .streams(listed(LABEL), listed("2026-02-01T00:00:00.000"))
                .build();
        DynamoDbStreamSource source = streams.source(LATEST);

        source.goOnWith(TABLE + "/stream/" + LABEL);
        source.describe();

        assertThat(source.arn()).isEqualTo(TABLE + "/stream/" + LABEL);
        assertThat(streams.descriptions)
                .extracting(DescribeStreamRequest::streamArn)
                .containsOnly(TABLE + "/stream/" + LABEL);
    }

    /** As the service does 24 hours after it was disabled. */
    @Test
    void whereTheServiceHasForgottenTheStreamTheNextIsRead() throws Exception {
        String next = TABLE + "/stream/2026-02-01T00:00:00.000";
        streams.list = _ -> ListStreamsResponse.builder()
                .streams(listed("2026-03-01T00:00:00.000"), listed("2026-02-01T00:00:00.000"))
                .build();
        streams.describe = request -> {
            if (request.streamArn().endsWith(LABEL)) {
                throw failure(400, "ResourceNotFoundException", "Requested resource not found");
            }
            return description(StreamStatus.ENABLED);
        };
        DynamoDbStreamSource source = streams.source(LATEST);
        source.goOnWith(TABLE + "/stream/" + LABEL);

        assertThat(source.describe().created()).isEqualTo(CREATED);
        assertThat(source.arn()).isEqualTo(next);
    }

    /** What is processed already is not processed again. */
    @Test
    void noOlderStreamIsReadInPlaceOfOneThatIsForgotten() {
        streams.list = _ -> ListStreamsResponse.builder().streams(listed(LABEL)).build();
        streams.describe = request -> {
            if (!request.streamArn().endsWith(LABEL)) {
                throw failure(400, "ResourceNotFoundException", "Requested resource not found");
            }
            return description(StreamStatus.ENABLED);
        };
        DynamoDbStreamSource source = streams.source(LATEST);
        source.goOnWith(TABLE + "/stream/2026-02-01T00:00:00.000");

        SourceException e = catchThrowableOfType(SourceException.class, source::describe);

        assertThat(e.problem().kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(source.arn()).endsWith("2026-02-01T00:00:00.000");
    }

    @Test
    void aStreamThatIsListedIsNotForgotten() {
        streams.list = _ -> ListStreamsResponse.builder()
                .streams(listed(LABEL), listed("2026-02-01T00:00:00.000"))
                .build();
        streams.describe = _ -> {
            throw failure(400, "ResourceNotFoundException", "Requested resource not found");
        };
        DynamoDbStreamSource source = streams.source(LATEST);
        source.goOnWith(TABLE + "/stream/" + LABEL);

        SourceException e = catchThrowableOfType(SourceException.class, source::describe);

        assertThat(e.problem().kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(source.arn()).isEqualTo(TABLE + "/stream/" + LABEL);
    }

    /** As of a global table. */
    @Test
    void aStreamOfTheTableOfThatNameInAnotherRegionIsNotItsOwn() {
        DynamoDbStreamSource source = streams.source(LATEST);

        assertThat(source.standsFor(TABLE.replace("us-east-2", "eu-west-1") + "/stream/2026-02-01T00:00:00.000"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "latest, orders, 2026-02-01T00:00:00.000, true",
        "latest, orders, latest, false",
        "latest, orders-2, 2026-02-01T00:00:00.000, false",
        "2026-01-01T00:00:00.000, orders, 2026-02-01T00:00:00.000, false",
    })
    void onlyLatestStandsForOtherStreamsOfItsTable(String label, String table, String other, boolean standsFor) {
        DynamoDbStreamSource source = streams.source(ScriptedStreams.stream(TABLE + "/stream/" + label, null));

        assertThat(source.standsFor("arn:aws:dynamodb:us-east-2:111122223333:table/" + table + "/stream/" + other))
                .isEqualTo(standsFor);
    }

    @Test
    void aListOfStreamsWithoutEndIsAProblem() {
        streams.list = _ ->
                ListStreamsResponse.builder().lastEvaluatedStreamArn("more").build();

        SourceException e = catchThrowableOfType(
                SourceException.class, () -> streams.source(LATEST).describe());

        assertThat(e.problem().kind()).isEqualTo(Kind.REJECTED);
        assertThat(streams.lists).hasSize(100);
    }

    // ---- shards ----

    @Test
    void everyPageOfShardsIsListed() throws Exception {
        streams.describe = request -> request.exclusiveStartShardId() == null
                ? StreamDescription.builder()
                        .shards(shard("root")
                                .sequenceNumberRange(range -> range.endingSequenceNumber("9"))
                                .build())
                        .lastEvaluatedShardId("root")
                        .build()
                : StreamDescription.builder()
                        .shards(shard("child").parentShardId("root").build())
                        .build();

        assertThat(streams.source(AWS).shards())
                .containsExactly(
                        new StreamShard("root", List.of(), true), new StreamShard("child", List.of("root"), false));
        assertThat(streams.descriptions)
                .extracting(DescribeStreamRequest::exclusiveStartShardId)
                .containsExactly(null, "root");
        assertThat(streams.descriptions)
                .extracting(DescribeStreamRequest::limit)
                .containsOnly(100);
    }

    @Test
    void aListOfShardsWithoutEndIsAProblem() {
        streams.describe =
                _ -> StreamDescription.builder().lastEvaluatedShardId("more").build();

        SourceException e = catchThrowableOfType(
                SourceException.class, () -> streams.source(AWS).shards());

        assertThat(e.problem().kind()).isEqualTo(Kind.REJECTED);
        assertThat(streams.descriptions).hasSize(1_000);
    }

    // ---- the tip ----

    /** A record that comes during the call bears the second in which it came, which may have begun before. */
    @Test
    void latestIsTheSecondOfTheServiceBeforeItWasAsked() throws Exception {
        streams.date = "Fri, 02 Jan 2026 03:00:00 GMT";

        ReadPosition latest = streams.source(AWS).latest(SHARD);

        assertThat(latest).isInstanceOfSatisfying(ReadPosition.AtTimestamp.class, at -> {
            assertThat(at.timestamp())
                    .isBetween(Instant.parse("2026-01-02T02:59:50Z"), Instant.parse("2026-01-02T02:59:59Z"));
            assertThat(at.timestamp()).isEqualTo(at.timestamp().truncatedTo(ChronoUnit.SECONDS));
        });
        assertThat(streams.iterators).singleElement().satisfies(request -> {
            assertThat(request.shardId()).isEqualTo(SHARD.shardId());
            assertThat(request.shardIteratorType()).isEqualTo(ShardIteratorType.LATEST);
        });
    }

    /** DynamoDB Local rounds creation times down to the minute. */
    @Test
    void latestIsTheMinuteAtAnEmulator() throws Exception {
        streams.date = "Fri, 02 Jan 2026 03:00:30 GMT";
        TableStream local = ScriptedStreams.stream(TABLE + "/stream/" + LABEL, "http://127.0.0.1:8000");

        assertThat(streams.source(local).latest(SHARD))
                .isEqualTo(new ReadPosition.AtTimestamp(Instant.parse("2026-01-02T03:00:00Z")));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "yesterday")
    void latestIsTheLocalTimeWhereTheServiceTellsNone(@Nullable String date) throws Exception {
        streams.date = date;
        Instant before = Instant.now().minusSeconds(10);

        assertThat(streams.source(AWS).latest(SHARD))
                .isInstanceOfSatisfying(
                        ReadPosition.AtTimestamp.class,
                        at -> assertThat(at.timestamp()).isBetween(before, Instant.now()));
    }

    // ---- the rest ----

    @Test
    void idleShardsAreAskedFourTimesASecond() {
        DynamoDbStreamSource source = streams.source(AWS);

        assertThat(source.pacing().idle()).isEqualTo(Duration.ofMillis(250));
        assertThat(source.pacing().busy()).isLessThan(Duration.ofMillis(100));
        assertThat(source.keying()).isEqualTo(Keying.WHOLE);
    }
}
