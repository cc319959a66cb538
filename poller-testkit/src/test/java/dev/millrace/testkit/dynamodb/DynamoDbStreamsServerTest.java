package dev.millrace.testkit.dynamodb;

import static dev.millrace.testkit.dynamodb.StreamsClients.iterator;
import static dev.millrace.testkit.dynamodb.StreamsClients.readToEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.testkit.dynamodb.model.Change;
import dev.millrace.testkit.dynamodb.model.StoredChange;
import dev.millrace.testkit.service.TestClock;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardFilterType;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamStatus;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** What our own server does that others do not do on cue. */
class DynamoDbStreamsServerTest {

    private final TestClock clock = new TestClock(Instant.parse("2026-11-20T10:00:00.500Z"));
    private final DynamoDbStreamsServer server = DynamoDbStreamsServer.start(clock);
    private final DynamoDbStreamsClient client = StreamsClients.client(server.endpoint(), DynamoDbStreamsServer.REGION);
    private final FaultyTable table = server.table(TableShape.simple());

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static Map<String, AttributeValue> key(String id) {
        return Map.of("id", AttributeValue.fromS(id));
    }

    private String shard() {
        return table.openShards().getFirst();
    }

    private String trimHorizon(String shardId) {
        return iterator(client, table.streamArn(), shardId, ShardIteratorType.TRIM_HORIZON);
    }

    private GetRecordsResponse read(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator));
    }

    private List<StoredChange> put(int count) {
        for (int i = 0; i < count; i++) {
            table.put("k" + i, "v", "x");
        }
        return table.records(shard());
    }

    // ---- records ----

    @Test
    void putsRecordsOfTheTestsMaking() {
        Instant time = Instant.parse("2026-11-20T09:00:00.900Z");
        table.append(Change.of(key("a"), key("a"), null, time).byTimeToLive());

        Record record = read(trimHorizon(shard())).records().getFirst();

        assertThat(record.eventID()).matches("[0-9a-f]{32}");
        assertThat(record.eventName()).isEqualTo(OperationType.REMOVE);
        assertThat(record.dynamodb().approximateCreationDateTime()).isEqualTo("2026-11-20T09:00:00Z");
        assertThat(record.userIdentity().type()).isEqualTo("Service");
        assertThat(record.userIdentity().principalId()).isEqualTo("dynamodb.amazonaws.com");
    }

    @Test
    void tellsWhatTimeToLiveDeleted() {
        table.put("a", "v", "x");
        table.expire(key("a"));

        List<Record> records = read(trimHorizon(shard())).records();

        assertThat(records.get(0).userIdentity()).isNull();
        assertThat(records.get(1).eventName()).isEqualTo(OperationType.REMOVE);
        assertThat(records.get(1).userIdentity()).isNotNull();
    }

    @Test
    void numbersRecordsSoThatTextsAreInAnotherOrder() {
        List<String> numbers =
                put(110).stream().map(StoredChange::sequenceNumber).toList();

        assertThat(numbers).isSortedAccordingTo((one, other) -> new BigInteger(one).compareTo(new BigInteger(other)));
        assertThat(numbers).isNotEqualTo(numbers.stream().sorted().toList());
        assertThat(numbers).allSatisfy(number -> assertThat(number).hasSizeBetween(21, 22));
    }

    @Test
    void bringsAMegabyteAtMostAndOneRecordAtLeast() {
        AttributeValue large = AttributeValue.fromB(SdkBytes.fromByteArray(new byte[300_000]));
        for (int i = 0; i < 5; i++) {
            table.put(Map.of("id", AttributeValue.fromS("k" + i), "b", large));
        }
        AttributeValue huge = AttributeValue.fromB(SdkBytes.fromByteArray(new byte[2_000_000]));
        table.put(Map.of("id", AttributeValue.fromS("huge"), "b", huge));

        GetRecordsResponse first = read(trimHorizon(shard()));
        GetRecordsResponse second = read(first.nextShardIterator());
        GetRecordsResponse third = read(second.nextShardIterator());

        assertThat(List.of(first, second, third))
                .extracting(read -> read.records().size())
                .containsExactly(3, 2, 1);
    }

    @Test
    void refusesWhatWasTrimmed() {
        List<StoredChange> records = put(10);
        String old = trimHorizon(shard());
        String number = records.get(4).sequenceNumber();
        table.trim(shard(), number);

        assertThatThrownBy(() -> read(old)).isInstanceOf(TrimmedDataAccessException.class);
        for (ShardIteratorType type :
                List.of(ShardIteratorType.AT_SEQUENCE_NUMBER, ShardIteratorType.AFTER_SEQUENCE_NUMBER)) {
            assertThatThrownBy(() -> iterator(client, table.streamArn(), shard(), type, number))
                    .isInstanceOf(TrimmedDataAccessException.class);
        }
        assertThat(read(trimHorizon(shard())).records()).hasSize(5);
        assertThat(read(iterator(
                                client,
                                table.streamArn(),
                                shard(),
                                ShardIteratorType.AFTER_SEQUENCE_NUMBER,
                                records.get(5).sequenceNumber()))
                        .records())
                .hasSize(4);
    }

    @Test
    void forgetsRecordsAfterADay() {
        put(2);
        String parent = shard();
        String child = table.rollOver(parent);
        clock.advance(Duration.ofHours(24).plusSeconds(1));
        table.put("young", "v", "x");

        assertThat(table.shards()).extracting(one -> one.shardId()).containsExactly(child);
        assertThat(table.shards().getFirst().parent()).isEqualTo(parent);
        assertThat(read(trimHorizon(child)).records()).hasSize(1);
        assertThatThrownBy(() -> trimHorizon(parent)).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void refusesNumbersOfOtherShards() {
        String number = put(2).get(1).sequenceNumber();
        String child = table.rollOver(shard());

        for (String wrong : List.of(number, "17", "9".repeat(41), "x".repeat(21))) {
            assertThatThrownBy(() ->
                            iterator(client, table.streamArn(), child, ShardIteratorType.AFTER_SEQUENCE_NUMBER, wrong))
                    .isInstanceOfSatisfying(
                            DynamoDbException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException"));
        }
    }

    // ---- iterators ----

    @Test
    void letsIteratorsExpire() {
        String old = trimHorizon(shard());
        clock.advance(Duration.ofMinutes(15));
        assertThatCode(() -> read(old)).doesNotThrowAnyException();
        clock.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> read(old)).isInstanceOf(ExpiredIteratorException.class);

        String unused = trimHorizon(shard());
        server.expireIterators();
        assertThatThrownBy(() -> read(unused)).isInstanceOf(ExpiredIteratorException.class);

        server.configure(settings -> settings.withIteratorLife(Duration.ofSeconds(1)));
        String shortLived = trimHorizon(shard());
        clock.advance(Duration.ofMillis(1001));
        assertThatThrownBy(() -> read(shortLived)).isInstanceOf(ExpiredIteratorException.class);
        assertThatThrownBy(() -> read("nonsense")).hasMessageContaining("Invalid ShardIterator");
    }

    @Test
    void remembersWhereAShardWasReadLast() {
        List<StoredChange> records = put(3);
        assertThat(table.lastReadAfter(shard())).isEmpty();

        read(read(trimHorizon(shard())).nextShardIterator());

        assertThat(table.lastReadAfter(shard())).contains(records.get(2).sequenceNumber());
    }

    // ---- shards ----

    @Test
    void rollsOverToOneShardAndSplitsIntoTwo() {
        String first = shard();
        table.put("a", "v", "0");
        String second = table.rollOver(first);
        table.put("a", "v", "1");
        List<String> halves = table.split(second);
        table.put("a", "v", "2");
        table.put("b", "v", "2");

        assertThat(describe().shards())
                .extracting(Shard::shardId, Shard::parentShardId)
                .containsExactly(
                        tuple(first, null),
                        tuple(second, first),
                        tuple(halves.get(0), second),
                        tuple(halves.get(1), second));
        assertThat(readToEnd(client, table.streamArn(), first)).hasSize(1);
        assertThat(readToEnd(client, table.streamArn(), second)).hasSize(1);
        assertThat(table.shardOf(key("a"))).isIn(halves);
        assertThat(halves.stream().mapToInt(half -> table.records(half).size()).sum())
                .isEqualTo(2);
        assertThat(describe().shards())
                .filteredOn(shard -> shard.shardId().equals(second))
                .allSatisfy(shard -> {
                    BigInteger starting =
                            new BigInteger(shard.sequenceNumberRange().startingSequenceNumber());
                    assertThat(new BigInteger(shard.sequenceNumberRange().endingSequenceNumber()))
                            .isGreaterThanOrEqualTo(starting);
                });
    }

    @Test
    void rollsOverAShardWithoutARecord() {
        String parent = shard();
        String child = table.rollOver(parent);

        assertThat(readToEnd(client, table.streamArn(), parent)).isEmpty();
        assertThat(table.openShards()).containsExactly(child);
    }

    @Test
    void tellsTheEndWithTheLastRecordsOrAfterThem() {
        put(1);
        String parent = shard();
        table.rollOver(parent);

        assertThat(read(trimHorizon(parent)).nextShardIterator()).isNull();
        server.configure(settings -> settings.withEndWithRecords(false));
        GetRecordsResponse records = read(trimHorizon(parent));
        assertThat(records.records()).hasSize(1);
        GetRecordsResponse end = read(records.nextShardIterator());
        assertThat(end.records()).isEmpty();
        assertThat(end.nextShardIterator()).isNull();
    }

    @Test
    void describesShardsPageByPage() {
        IntStream.range(0, 250).forEach(_ -> table.rollOver(shard()));

        List<String> listed = new ArrayList<>();
        String last = null;
        int pages = 0;
        do {
            String after = last;
            DescribeStreamResponse page = client.describeStream(
                    request -> request.streamArn(table.streamArn()).exclusiveStartShardId(after));
            page.streamDescription().shards().forEach(shard -> listed.add(shard.shardId()));
            last = page.streamDescription().lastEvaluatedShardId();
            pages++;
        } while (last != null);

        assertThat(pages).isEqualTo(3);
        assertThat(listed)
                .isEqualTo(table.shards().stream().map(shard -> shard.shardId()).toList());
        assertThat(client.describeStream(
                                request -> request.streamArn(table.streamArn()).limit(7))
                        .streamDescription()
                        .shards())
                .hasSize(7);
    }

    @Test
    void tellsOnlyOfTheChildrenThatAreAskedFor() {
        String parent = shard();
        List<String> halves = table.split(parent);
        table.rollOver(halves.get(0));

        assertThat(childrenOf(parent)).isEqualTo(halves);
        assertThat(childrenOf(halves.get(1))).isEmpty();
        server.configure(settings -> settings.withShardFilter(false));
        assertThat(childrenOf(parent)).hasSize(4);
    }

    private List<String> childrenOf(String shardId) {
        return client
                .describeStream(request -> request.streamArn(table.streamArn())
                        .shardFilter(filter ->
                                filter.type(ShardFilterType.CHILD_SHARDS).shardId(shardId)))
                .streamDescription()
                .shards()
                .stream()
                .map(Shard::shardId)
                .toList();
    }

    @Test
    void losesParentsAndHidesShards() {
        String first = shard();
        String second = table.rollOver(first);
        String third = table.rollOver(second);
        table.forget(first);
        table.list(third, false);

        assertThat(describe().shards()).singleElement().satisfies(shard -> {
            assertThat(shard.shardId()).isEqualTo(second);
            assertThat(shard.parentShardId()).isEqualTo(first);
        });
        assertThatThrownBy(() -> trimHorizon(first)).isInstanceOf(ResourceNotFoundException.class);
        assertThatCode(() -> read(trimHorizon(third))).doesNotThrowAnyException();
        table.list(third, true);
        assertThat(describe().shards()).hasSize(2);
    }

    @Test
    void beginsWithSeveralShards() {
        FaultyTable wide = server.table(TableShape.simple(), 3);
        IntStream.range(0, 60).forEach(i -> wide.put("k" + i, "v", "x"));

        assertThat(wide.openShards())
                .hasSize(3)
                .allSatisfy(shard -> assertThat(wide.records(shard))
                        .isNotEmpty()
                        .allSatisfy(record ->
                                assertThat(wide.shardOf(record.change().keys())).isEqualTo(shard)));
    }

    // ---- streams ----

    private StreamDescription describe() {
        return client.describeStream(request -> request.streamArn(table.streamArn()))
                .streamDescription();
    }

    @Test
    void forgetsADisabledStream() {
        String arn = table.streamArn();
        table.disableStream();
        assertThat(describe().streamStatus()).isEqualTo(StreamStatus.DISABLED);
        table.forgetStream();

        assertThatThrownBy(() -> client.describeStream(request -> request.streamArn(arn)))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThat(table.enableStream()).isNotEqualTo(arn);
    }

    @Test
    void listsStreamsPageByPage() {
        FaultyTable other = server.table(TableShape.simple());

        var first = client.listStreams(request -> request.limit(1));
        var second = client.listStreams(request -> request.exclusiveStartStreamArn(first.lastEvaluatedStreamArn()));

        assertThat(first.streams()).singleElement().satisfies(stream -> {
            assertThat(stream.streamArn()).isEqualTo(table.streamArn());
            assertThat(stream.tableName()).isEqualTo(table.name());
        });
        assertThat(second.streams()).extracting(stream -> stream.streamArn()).containsExactly(other.streamArn());
        assertThat(second.lastEvaluatedStreamArn()).isNull();
    }
}
