package dev.millrace.testkit.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.Payload;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The operations, as the AWS SDK sees them in both of its protocols. */
@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class KinesisServerTest {

    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00.123Z");
    private static final String FIRST = "shardId-000000000000";

    private final TestClock clock = new TestClock(NOW);
    private final KinesisServer server = KinesisServer.start(clock);
    private final KinesisClient client;
    private final String contentType;

    KinesisServerTest(boolean cbor) {
        contentType = cbor ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1";
        SdkClients.speak(cbor);
        client = SdkClients.sync(server);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        SdkClients.speakDefault();
    }

    @Test
    void answersInTheProtocolOfTheRequest() {
        var http = client.listStreams().sdkHttpResponse();

        assertThat(http.firstMatchingHeader("Content-Type")).hasValue(contentType);
        assertThat(http.firstMatchingHeader("x-amzn-requestid")).isPresent();
    }

    // ---- shards ----

    @Test
    void cutsTheHashKeysIntoShards() {
        server.stream("s", 3);

        List<Shard> shards = shards();

        assertThat(shards)
                .extracting(Shard::shardId)
                .containsExactly(FIRST, "shardId-000000000001", "shardId-000000000002");
        assertThat(shards.getFirst().hashKeyRange().startingHashKey()).isEqualTo("0");
        assertThat(shards.getLast().hashKeyRange().endingHashKey())
                .isEqualTo("340282366920938463463374607431768211455");
        assertThat(shards).allSatisfy(shard -> {
            assertThat(shard.parentShardId()).isNull();
            assertThat(shard.sequenceNumberRange().startingSequenceNumber()).hasSize(56);
            assertThat(shard.sequenceNumberRange().endingSequenceNumber()).isNull();
        });
    }

    @Test
    void listsShardsPageByPage() {
        TestStream stream = server.stream("s", 5);

        ListShardsResponse first =
                client.listShards(request -> request.streamARN(stream.arn()).maxResults(2));
        ListShardsResponse second = client.listShards(
                request -> request.nextToken(first.nextToken()).maxResults(2));
        ListShardsResponse third = client.listShards(
                request -> request.nextToken(second.nextToken()).maxResults(2));

        assertThat(List.of(first, second, third))
                .flatExtracting(ListShardsResponse::shards)
                .isEqualTo(shards());
        assertThat(third.nextToken()).isNull();
        assertThat(client.listShards(request -> request.streamName("s").exclusiveStartShardId(FIRST))
                        .shards())
                .isEqualTo(shards().subList(1, 5));
        assertThatThrownBy(() ->
                        client.listShards(request -> request.streamName("s").nextToken(first.nextToken())))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("NextToken and StreamName cannot be provided together.");
    }

    @Test
    void splitsAShard() {
        server.stream("s", 1);
        String before = put("k", "before");

        client.splitShard(request -> request.streamName("s")
                .shardToSplit(FIRST)
                .newStartingHashKey(BigInteger.TWO.pow(127).toString()));

        List<Shard> shards = shards();
        Shard parent = shards.get(0);
        assertThat(shards).hasSize(3);
        assertThat(new BigInteger(parent.sequenceNumberRange().endingSequenceNumber()))
                .isGreaterThan(new BigInteger(before));
        assertThat(shards.subList(1, 3)).allSatisfy(child -> {
            assertThat(child.parentShardId()).isEqualTo(FIRST);
            assertThat(child.adjacentParentShardId()).isNull();
            assertThat(new BigInteger(child.sequenceNumberRange().startingSequenceNumber()))
                    .isGreaterThan(new BigInteger(parent.sequenceNumberRange().endingSequenceNumber()));
        });
        assertThat(new BigInteger(put("k", "after"))).isGreaterThan(new BigInteger(before));
        assertThatThrownBy(() -> client.splitShard(
                        request -> request.streamName("s").shardToSplit(FIRST).newStartingHashKey("7")))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void mergesTwoShards() {
        server.stream("s", 3);
        List<String> ids = shards().stream().map(Shard::shardId).toList();

        assertThatThrownBy(() -> client.mergeShards(request ->
                        request.streamName("s").shardToMerge(ids.get(0)).adjacentShardToMerge(ids.get(2))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("are not an adjacent pair of shards eligible for merging");
        client.mergeShards(
                request -> request.streamName("s").shardToMerge(ids.get(1)).adjacentShardToMerge(ids.get(0)));

        Shard child = shards().getLast();
        assertThat(child.parentShardId()).isEqualTo(ids.get(1));
        assertThat(child.adjacentParentShardId()).isEqualTo(ids.get(0));
        assertThat(child.hashKeyRange().startingHashKey()).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 7, 8})
    void updatesTheShardCount(int target) {
        server.stream("s", 4);

        var answer = client.updateShardCount(
                request -> request.streamName("s").targetShardCount(target).scalingType(ScalingType.UNIFORM_SCALING));

        assertThat(answer.currentShardCount()).isEqualTo(4);
        assertThat(answer.targetShardCount()).isEqualTo(target);
        server.stream("wanted", target);
        assertThat(openRanges("s")).containsExactlyInAnyOrderElementsOf(openRanges("wanted"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9})
    void refusesToMoreThanDoubleOrHalveTheShardCount(int target) {
        server.stream("s", 4);

        assertThatThrownBy(() -> client.updateShardCount(request ->
                        request.streamName("s").targetShardCount(target).scalingType(ScalingType.UNIFORM_SCALING)))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void isNotAtTheTipWhileRecordsFollow() {
        server.stream("s", 1);
        put("k", "1");
        put("k", "2");

        GetRecordsResponse read =
                client.getRecords(request -> request.shardIterator(iterator(ShardIteratorType.TRIM_HORIZON, null))
                        .limit(1));

        assertThat(read.millisBehindLatest()).isEqualTo(1);
    }

    private List<String> openRanges(String stream) {
        return client
                .listShards(request ->
                        request.streamName(stream).shardFilter(filter -> filter.type(ShardFilterType.AT_LATEST)))
                .shards()
                .stream()
                .map(shard -> shard.hashKeyRange().toString())
                .toList();
    }

    @Test
    void filtersShards() {
        TestStream stream = server.stream("s", 1);
        clock.advance(Duration.ofHours(1));
        List<String> children = stream.split(FIRST);
        clock.advance(Duration.ofHours(1));
        String last = stream.merge(children.get(0), children.get(1));

        assertThat(filtered(ShardFilterType.AT_LATEST, NOW)).containsExactly(last);
        assertThat(filtered(ShardFilterType.AT_TRIM_HORIZON, NOW)).containsExactly(FIRST);
        assertThat(filtered(ShardFilterType.FROM_TRIM_HORIZON, NOW)).hasSize(4);
        assertThat(filtered(ShardFilterType.AT_TIMESTAMP, NOW.plusSeconds(5400)))
                .containsExactlyElementsOf(children);
        assertThat(filtered(ShardFilterType.FROM_TIMESTAMP, NOW.plusSeconds(5400)))
                .hasSize(3);
        assertThat(client.listShards(request -> request.streamName("s")
                                .shardFilter(filter -> filter.type(ShardFilterType.AFTER_SHARD_ID)
                                        .shardId(children.get(1))))
                        .shards())
                .extracting(Shard::shardId)
                .containsExactly(last);
    }

    private List<String> filtered(ShardFilterType type, Instant time) {
        return client
                .listShards(request -> request.streamName("s")
                        .shardFilter(filter -> filter.type(type).timestamp(time)))
                .shards()
                .stream()
                .map(Shard::shardId)
                .toList();
    }

    // ---- records ----

    @Test
    void readsWhatWasPut() {
        server.stream("s", 1);
        String number = put("k", "hello");

        GetRecordsResponse read = read(iterator(ShardIteratorType.TRIM_HORIZON, null));

        assertThat(read.records()).singleElement().satisfies(one -> {
            assertThat(one.sequenceNumber()).isEqualTo(number).hasSize(56).startsWith("49");
            assertThat(one.data().asUtf8String()).isEqualTo("hello");
            assertThat(one.partitionKey()).isEqualTo("k");
            assertThat(one.approximateArrivalTimestamp()).isEqualTo(NOW);
        });
        assertThat(read.millisBehindLatest()).isZero();
        assertThat(read.nextShardIterator()).isNotNull();
        assertThat(read.childShards()).isEmpty();
    }

    @Test
    void routesRecordsByTheirHashKeys() {
        TestStream stream = server.stream("s", 4);
        List<PutRecordsRequestEntry> entries = IntStream.range(0, 100)
                .mapToObj(i -> PutRecordsRequestEntry.builder()
                        .partitionKey("key-" + i)
                        .data(SdkBytes.fromUtf8String("data"))
                        .build())
                .toList();

        PutRecordsResponse put =
                client.putRecords(request -> request.streamName("s").records(entries));
        var explicit = client.putRecord(request -> request.streamName("s")
                .partitionKey("key-1")
                .explicitHashKey("340282366920938463463374607431768211455")
                .data(SdkBytes.fromUtf8String("data")));

        assertThat(put.failedRecordCount()).isZero();
        assertThat(put.records()).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(put.records().get(i).shardId()).isEqualTo(stream.shardOf("key-" + i));
        }
        assertThat(put.records()).extracting(one -> one.shardId()).containsAll(stream.openShards());
        assertThat(put.records()).extracting(one -> one.sequenceNumber()).doesNotHaveDuplicates();
        assertThat(explicit.shardId()).isEqualTo("shardId-000000000003");
        // MD5("a") is 0cc175b9c0f1b6a831c399e269772661, which is in the first quarter.
        assertThat(stream.shardOf("a")).isEqualTo(FIRST);
    }

    @Test
    void beginsToReadWhereAnIteratorSays() {
        server.stream("s", 1);
        String one = put("k", "1");
        clock.advance(Duration.ofSeconds(10));
        String two = put("k", "2");
        clock.advance(Duration.ofSeconds(10));
        String latest = iterator(ShardIteratorType.LATEST, null);
        put("k", "3");

        assertThat(data(read(iterator(ShardIteratorType.TRIM_HORIZON, null)))).containsExactly("1", "2", "3");
        assertThat(data(read(iterator(ShardIteratorType.AT_SEQUENCE_NUMBER, two))))
                .containsExactly("2", "3");
        assertThat(data(read(iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, one))))
                .containsExactly("2", "3");
        assertThat(data(read(latest))).containsExactly("3");
        assertThat(data(read(atTimestamp(NOW.plusSeconds(10))))).containsExactly("2", "3");
        assertThat(data(read(atTimestamp(NOW.plusMillis(10_001))))).containsExactly("3");
        assertThat(data(read(atTimestamp(NOW.minusSeconds(100))))).containsExactly("1", "2", "3");
        assertThatThrownBy(() -> atTimestamp(NOW.plusSeconds(21)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("cannot be greater than");
    }

    @Test
    void goesOnWhereTheLastReadEnded() {
        TestStream stream = server.stream("s", 1);
        IntStream.range(0, 10).forEach(i -> put("k", String.valueOf(i)));
        clock.advance(Duration.ofSeconds(5));

        GetRecordsResponse first =
                client.getRecords(request -> request.shardIterator(iterator(ShardIteratorType.TRIM_HORIZON, null))
                        .limit(4));
        GetRecordsResponse second = client.getRecords(
                request -> request.shardIterator(first.nextShardIterator()).streamARN(stream.arn()));
        GetRecordsResponse third = read(second.nextShardIterator());

        assertThat(data(first)).containsExactly("0", "1", "2", "3");
        assertThat(first.millisBehindLatest()).isEqualTo(5000);
        assertThat(data(second)).containsExactly("4", "5", "6", "7", "8", "9");
        assertThat(second.millisBehindLatest()).isZero();
        assertThat(data(third)).isEmpty();
        assertThat(third.nextShardIterator()).isNotNull();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"})
    void refusesSequenceNumbersOfOtherShards(ShardIteratorType type) {
        TestStream stream = server.stream("s", 2);
        String other =
                stream.putOn("shardId-000000000001", "k", Payload.ofText("x")).sequenceNumber();

        for (String number : List.of(other, "1", "49590338271490256608559692538361571095921575989136588898", "x")) {
            assertThatThrownBy(() -> iterator(type, number))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("is invalid because it did not come from this stream.");
        }
        assertThatThrownBy(() -> client.getShardIterator(
                        request -> request.streamName("s").shardId(FIRST).shardIteratorType(type)))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void refusesWhatIsNoIterator() {
        assertThatThrownBy(() -> read("bogus"))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Invalid ShardIterator.");
    }

    @Test
    void refusesNumbersOutOfTheirBounds() {
        server.stream("s", 1);
        String iterator = iterator(ShardIteratorType.TRIM_HORIZON, null);

        for (int limit : List.of(0, 10_001)) {
            assertThatThrownBy(() -> client.getRecords(
                            request -> request.shardIterator(iterator).limit(limit)))
                    .isInstanceOf(KinesisException.class)
                    .hasMessageContaining("'limit' failed to satisfy constraint");
        }
    }

    @Test
    void tellsTheEndOfAClosedShardAndItsChildren() {
        TestStream stream = server.stream("s", 1);
        put("k", "last");
        List<String> children = stream.split(FIRST);

        GetRecordsResponse read = read(iterator(ShardIteratorType.TRIM_HORIZON, null));

        assertThat(data(read)).containsExactly("last");
        assertThat(read.nextShardIterator()).isNull();
        assertThat(read.childShards()).extracting(ChildShard::shardId).containsExactlyElementsOf(children);
        assertThat(read.childShards()).allSatisfy(child -> {
            assertThat(child.parentShards()).containsExactly(FIRST);
            assertThat(child.hashKeyRange().startingHashKey()).isNotBlank();
        });
        assertThat(read(iterator(ShardIteratorType.LATEST, null)).nextShardIterator())
                .isNull();
        String ending = shards().getFirst().sequenceNumberRange().endingSequenceNumber();
        assertThat(read(iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, ending))
                        .nextShardIterator())
                .isNull();
    }

    @Test
    void tellsTheEndLaterWhenToldTo() {
        server.configure(settings -> settings.withEndWithRecords(false));
        TestStream stream = server.stream("s", 2);
        stream.putOn(FIRST, "k", Payload.ofText("last"));
        String child = stream.merge(FIRST, "shardId-000000000001");

        GetRecordsResponse read = read(iterator(ShardIteratorType.TRIM_HORIZON, null));
        assertThat(data(read)).containsExactly("last");
        GetRecordsResponse end = read(read.nextShardIterator());

        assertThat(data(end)).isEmpty();
        assertThat(end.nextShardIterator()).isNull();
        assertThat(end.childShards()).singleElement().satisfies(one -> {
            assertThat(one.shardId()).isEqualTo(child);
            assertThat(one.parentShards()).containsExactly(FIRST, "shardId-000000000001");
        });
    }

    @Test
    void readsAtMostTenMebibytes() {
        TestStream stream = server.stream("s", 1);
        byte[] large = new byte[4 * 1024 * 1024];
        stream.put("k", Payload.of(large));
        stream.put("k", Payload.of(large));
        stream.put("k", Payload.of(large));

        GetRecordsResponse first = read(iterator(ShardIteratorType.TRIM_HORIZON, null));
        GetRecordsResponse second = read(first.nextShardIterator());

        assertThat(first.records()).hasSize(2);
        assertThat(second.records()).hasSize(1);
    }

    @Test
    void carriesRecordsOfTenMebibytesWhereTheStreamTakesThem() {
        client.createStream(request -> request.streamName("s").shardCount(1));
        byte[] largest = new byte[10 * 1024 * 1024 - 1];
        largest[largest.length - 1] = 42;

        assertThatThrownBy(() -> client.putRecord(
                        request -> request.streamName("s").partitionKey("k").data(SdkBytes.fromByteArray(largest))))
                .isInstanceOf(KinesisException.class)
                .hasMessageContaining("'data' failed to satisfy constraint");
        assertThat(server.existing("s").openShards()).containsExactly(FIRST);
        client.updateMaxRecordSize(request -> request.streamARN(arn()).maxRecordSizeInKiB(10 * 1024));
        client.putRecord(request -> request.streamName("s").partitionKey("k").data(SdkBytes.fromByteArray(largest)));

        GetRecordsResponse read = read(iterator(ShardIteratorType.TRIM_HORIZON, null));
        assertThat(read.records().getFirst().data().asByteArray()).isEqualTo(largest);
    }

    @Test
    void putsAllRecordsOfARequestOrNone() {
        TestStream stream = server.stream("s", 1);
        PutRecordsRequestEntry good = entry(SdkBytes.fromUtf8String("x"));
        PutRecordsRequestEntry tooLarge = entry(SdkBytes.fromByteArray(new byte[10 * 1024 * 1024]));
        PutRecordsRequestEntry half = entry(SdkBytes.fromByteArray(new byte[6 * 1024 * 1024]));

        for (List<PutRecordsRequestEntry> refused :
                List.of(List.of(good, tooLarge), List.of(half, half), Collections.nCopies(501, good))) {
            assertThatThrownBy(() ->
                            client.putRecords(request -> request.streamName("s").records(refused)))
                    .isInstanceOf(KinesisException.class);
        }
        assertThat(stream.records(FIRST)).isEmpty();
    }

    private static PutRecordsRequestEntry entry(SdkBytes data) {
        return PutRecordsRequestEntry.builder().partitionKey("k").data(data).build();
    }

    // ---- trimming ----

    @Test
    void forgetsWhatIsOlderThanTheRetention() {
        TestStream stream = server.stream("s", 1);
        put("k", "old");
        stream.put("k", Payload.ofText("older still"), NOW.minus(Duration.ofHours(1)));
        stream.putOn(FIRST, "k", Payload.ofText("a little older"), NOW.minus(Duration.ofMinutes(1)));
        clock.advance(Duration.ofHours(23));
        put("k", "young");
        stream.split(FIRST);
        clock.advance(Duration.ofHours(1).plusSeconds(1));

        assertThat(data(read(iterator(ShardIteratorType.TRIM_HORIZON, null)))).containsExactly("young");
        clock.advance(Duration.ofHours(23));
        assertThat(shards()).extracting(Shard::shardId).doesNotContain(FIRST).hasSize(2);
    }

    @Test
    void forgetsWhatIsTrimmed() {
        TestStream stream = server.stream("s", 1);
        String one = put("k", "1");
        String two = put("k", "2");
        String three = put("k", "3");
        String iterator = iterator(ShardIteratorType.AT_SEQUENCE_NUMBER, one);

        stream.trim(FIRST, two);

        assertThat(data(read(iterator))).containsExactly("3");
        assertThat(data(read(iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, one))))
                .containsExactly("3");
        stream.split(FIRST);
        stream.trim(FIRST, three);
        assertThat(shards()).extracting(Shard::shardId).doesNotContain(FIRST).hasSize(2);
        assertThatThrownBy(() -> iterator(ShardIteratorType.TRIM_HORIZON, null))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("Shard " + FIRST + " in stream s under account 000000000000 does not exist");
        assertThatThrownBy(() -> read(iterator)).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void refusesIteratorsOfADeletedStream() {
        TestStream stream = server.stream("s", 1);
        String iterator = iterator(ShardIteratorType.TRIM_HORIZON, null);
        stream.delete();
        clock.advance(Duration.ofSeconds(1));
        server.stream("s", 1);

        assertThatThrownBy(() -> read(iterator)).isInstanceOf(ResourceNotFoundException.class);
    }

    // ---- helpers ----

    private static String arn() {
        return "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    }

    private List<Shard> shards() {
        return client.listShards(request -> request.streamName("s")).shards();
    }

    private String put(String key, String data) {
        return client.putRecord(
                        request -> request.streamName("s").partitionKey(key).data(SdkBytes.fromUtf8String(data)))
                .sequenceNumber();
    }

    private String iterator(ShardIteratorType type, @Nullable String number) {
        return client.getShardIterator(request -> request.streamName("s")
                        .shardId(FIRST)
                        .shardIteratorType(type)
                        .startingSequenceNumber(number))
                .shardIterator();
    }

    private String atTimestamp(Instant time) {
        return client.getShardIterator(request -> request.streamName("s")
                        .shardId(FIRST)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(time))
                .shardIterator();
    }

    private GetRecordsResponse read(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator));
    }

    private static List<String> data(GetRecordsResponse read) {
        return read.records().stream()
                .map(Record::data)
                .map(SdkBytes::asUtf8String)
                .toList();
    }
}
