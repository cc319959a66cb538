package dev.millrace.testkit.kinesis;

import static dev.millrace.testkit.kinesis.ServerScene.FIRST;
import static dev.millrace.testkit.kinesis.ServerScene.NOW;
import static dev.millrace.testkit.kinesis.ServerScene.arn;
import static dev.millrace.testkit.kinesis.ServerScene.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.Payload;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
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
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Putting, reading and trimming records, as the AWS SDK sees it in both of its protocols. */
@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class KinesisRecordsTest {

    private final ServerScene scene;
    private final KinesisServer server;
    private final KinesisClient client;

    KinesisRecordsTest(boolean cbor) {
        scene = new ServerScene(cbor);
        server = scene.server();
        client = scene.client();
    }

    @AfterEach
    void close() {
        scene.close();
    }

    // ---- records ----

    @Test
    void readsWhatWasPut() {
        server.stream("s", 1);
        String number = scene.put("k", "hello");

        GetRecordsResponse read = scene.read(scene.trimHorizon());

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
        String one = scene.put("k", "1");
        scene.advance(Duration.ofSeconds(10));
        String two = scene.put("k", "2");
        scene.advance(Duration.ofSeconds(10));
        String latest = scene.iterator(ShardIteratorType.LATEST, null);
        scene.put("k", "3");

        assertThat(data(scene.read(scene.trimHorizon()))).containsExactly("1", "2", "3");
        assertThat(data(scene.read(scene.iterator(ShardIteratorType.AT_SEQUENCE_NUMBER, two))))
                .containsExactly("2", "3");
        assertThat(data(scene.read(scene.iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, one))))
                .containsExactly("2", "3");
        assertThat(data(scene.read(latest))).containsExactly("3");
        assertThat(data(scene.read(scene.atTimestamp(NOW.plusSeconds(10))))).containsExactly("2", "3");
        assertThat(data(scene.read(scene.atTimestamp(NOW.plusMillis(10_001))))).containsExactly("3");
        assertThat(data(scene.read(scene.atTimestamp(NOW.minusSeconds(100))))).containsExactly("1", "2", "3");
        assertThatThrownBy(() -> scene.atTimestamp(NOW.plusSeconds(21)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("cannot be greater than");
    }

    @Test
    void goesOnWhereTheLastReadEnded() {
        TestStream stream = server.stream("s", 1);
        IntStream.range(0, 10).forEach(i -> scene.put("k", String.valueOf(i)));
        scene.advance(Duration.ofSeconds(5));

        GetRecordsResponse first = client.getRecords(
                request -> request.shardIterator(scene.trimHorizon()).limit(4));
        GetRecordsResponse second = client.getRecords(
                request -> request.shardIterator(first.nextShardIterator()).streamARN(stream.arn()));
        GetRecordsResponse third = scene.read(second.nextShardIterator());

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
            assertThatThrownBy(() -> scene.iterator(type, number))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("is invalid because it did not come from this stream.");
        }
        assertThatThrownBy(() -> client.getShardIterator(
                        request -> request.streamName("s").shardId(FIRST).shardIteratorType(type)))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void refusesWhatIsNoIterator() {
        assertThatThrownBy(() -> scene.read("bogus"))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Invalid ShardIterator.");
    }

    @Test
    void refusesNumbersOutOfTheirBounds() {
        server.stream("s", 1);
        String iterator = scene.trimHorizon();

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
        scene.put("k", "last");
        List<String> children = stream.split(FIRST);

        GetRecordsResponse read = scene.read(scene.trimHorizon());

        assertThat(data(read)).containsExactly("last");
        assertThat(read.nextShardIterator()).isNull();
        assertThat(read.childShards()).extracting(ChildShard::shardId).containsExactlyElementsOf(children);
        assertThat(read.childShards()).allSatisfy(child -> {
            assertThat(child.parentShards()).containsExactly(FIRST);
            assertThat(child.hashKeyRange().startingHashKey()).isNotBlank();
        });
        assertThat(scene.read(scene.iterator(ShardIteratorType.LATEST, null)).nextShardIterator())
                .isNull();
        String ending = scene.shards().getFirst().sequenceNumberRange().endingSequenceNumber();
        assertThat(scene.read(scene.iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, ending))
                        .nextShardIterator())
                .isNull();
    }

    @Test
    void tellsTheEndLaterWhenToldTo() {
        server.configure(settings -> settings.withEndWithRecords(false));
        TestStream stream = server.stream("s", 2);
        stream.putOn(FIRST, "k", Payload.ofText("last"));
        String child = stream.merge(FIRST, "shardId-000000000001");

        GetRecordsResponse read = scene.read(scene.trimHorizon());
        assertThat(data(read)).containsExactly("last");
        GetRecordsResponse end = scene.read(read.nextShardIterator());

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

        GetRecordsResponse first = scene.read(scene.trimHorizon());
        GetRecordsResponse second = scene.read(first.nextShardIterator());

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

        GetRecordsResponse read = scene.read(scene.trimHorizon());
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
        scene.put("k", "old");
        stream.put("k", Payload.ofText("older still"), NOW.minus(Duration.ofHours(1)));
        stream.putOn(FIRST, "k", Payload.ofText("a little older"), NOW.minus(Duration.ofMinutes(1)));
        scene.advance(Duration.ofHours(23));
        scene.put("k", "young");
        stream.split(FIRST);
        scene.advance(Duration.ofHours(1).plusSeconds(1));

        assertThat(data(scene.read(scene.trimHorizon()))).containsExactly("young");
        scene.advance(Duration.ofHours(23));
        assertThat(scene.shards())
                .extracting(Shard::shardId)
                .doesNotContain(FIRST)
                .hasSize(2);
    }

    @Test
    void forgetsWhatIsTrimmed() {
        TestStream stream = server.stream("s", 1);
        String one = scene.put("k", "1");
        String two = scene.put("k", "2");
        String three = scene.put("k", "3");
        String iterator = scene.iterator(ShardIteratorType.AT_SEQUENCE_NUMBER, one);

        stream.trim(FIRST, two);

        assertThat(data(scene.read(iterator))).containsExactly("3");
        assertThat(data(scene.read(scene.iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, one))))
                .containsExactly("3");
        stream.split(FIRST);
        stream.trim(FIRST, three);
        assertThat(scene.shards())
                .extracting(Shard::shardId)
                .doesNotContain(FIRST)
                .hasSize(2);
        assertThatThrownBy(() -> scene.trimHorizon())
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("Shard " + FIRST + " in stream s under account 000000000000 does not exist");
        assertThatThrownBy(() -> scene.read(iterator)).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void refusesIteratorsOfADeletedStream() {
        TestStream stream = server.stream("s", 1);
        String iterator = scene.trimHorizon();
        stream.delete();
        scene.advance(Duration.ofSeconds(1));
        server.stream("s", 1);

        assertThatThrownBy(() -> scene.read(iterator)).isInstanceOf(ResourceNotFoundException.class);
    }
}
