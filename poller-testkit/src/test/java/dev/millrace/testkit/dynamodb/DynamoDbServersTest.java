package dev.millrace.testkit.dynamodb;

import static dev.millrace.testkit.dynamodb.StreamsClients.iterator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamStatus;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** What our own server and others do alike: it may not be kinder than they are. */
@OnEveryDynamoDbServer
class DynamoDbServersTest {

    private final DynamoDbEndpoint server;
    private final DynamoDbStreamsClient client;
    private final List<TestTable> tables = new ArrayList<>();

    DynamoDbServersTest(DynamoDbEndpoint server) {
        this.server = server;
        this.client = StreamsClients.client(server.endpoint(), server.region());
    }

    @AfterEach
    void delete() {
        tables.forEach(TestTable::close);
        client.close();
    }

    private TestTable create(TableShape shape) {
        TestTable table = TestTable.create(server, shape);
        tables.add(table);
        return table;
    }

    private StreamDescription describe(String arn) {
        return client.describeStream(request -> request.streamArn(arn)).streamDescription();
    }

    private String onlyShard(TestTable table) {
        List<Shard> shards = describe(table.streamArn()).shards();
        assertThat(shards).hasSize(1);
        return shards.getFirst().shardId();
    }

    private List<Record> readAll(TestTable table, int count) {
        String shard = onlyShard(table);
        return StreamsClients.read(
                client, iterator(client, table.streamArn(), shard, ShardIteratorType.TRIM_HORIZON), count);
    }

    private static Map<String, AttributeValue> key(String id) {
        return Map.of("id", text(id));
    }

    private static AttributeValue text(String value) {
        return AttributeValue.fromS(value);
    }

    // ---- the stream ----

    @Test
    void describesAStream() {
        TestTable table = create(TableShape.simple().withSortKey("at", ScalarAttributeType.N));

        StreamDescription description = describe(table.streamArn());

        assertThat(description.streamArn()).isEqualTo(server.streamArn(table.name(), description.streamLabel()));
        assertThat(description.tableName()).isEqualTo(table.name());
        assertThat(description.streamStatus()).isEqualTo(StreamStatus.ENABLED);
        assertThat(description.streamViewType()).isEqualTo(StreamViewType.NEW_AND_OLD_IMAGES);
        assertThat(description.keySchema())
                .extracting(key -> key.attributeName() + " " + key.keyTypeAsString())
                .containsExactly("id HASH", "at RANGE");
        assertThat(description.creationRequestDateTime())
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(1));
        assertThat(description.lastEvaluatedShardId()).isNull();
        assertThat(description.shards()).singleElement().satisfies(shard -> {
            assertThat(shard.shardId()).hasSizeBetween(28, 65).startsWith("shardId-");
            assertThat(shard.parentShardId()).isNull();
            assertThat(shard.sequenceNumberRange().startingSequenceNumber()).hasSizeBetween(21, 40);
            assertThat(shard.sequenceNumberRange().endingSequenceNumber()).isNull();
        });
    }

    @Test
    void listsTheStreamsOfATable() {
        TestTable table = create(TableShape.simple());
        String first = table.streamArn();
        table.disableStream();
        String second = table.enableStream();

        assertThat(client.listStreams(request -> request.tableName(table.name()))
                        .streams())
                .extracting(stream -> stream.streamArn())
                .containsExactlyInAnyOrder(first, second);
    }

    @Test
    void refusesWhatDoesNotExist() {
        TestTable table = create(TableShape.simple());
        String missing = server.streamArn("no-such-table", "2026-11-21T00:00:00.000");

        assertThatThrownBy(() -> describe(missing)).isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> iterator(
                        client,
                        table.streamArn(),
                        "shardId-00000000000000000000-00000000",
                        ShardIteratorType.TRIM_HORIZON))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    // ---- records ----

    @Test
    void tellsOfEachChangeInOrder() {
        TestTable table = create(TableShape.simple());
        table.put("a", "v", "1");
        table.put("a", "v", "1");
        table.put("a", "v", "2");
        table.update(key("a"), Map.of("w", text("3")));
        table.delete(key("a"));
        table.delete(key("a"));

        List<Record> records = readAll(table, 4);

        assertThat(records)
                .extracting(Record::eventName)
                .containsExactly(
                        OperationType.INSERT, OperationType.MODIFY, OperationType.MODIFY, OperationType.REMOVE);
        assertThat(records).allSatisfy(record -> {
            assertThat(record.eventVersion()).isEqualTo("1.1");
            assertThat(record.eventSource()).isEqualTo("aws:dynamodb");
            assertThat(record.awsRegion()).isEqualTo(server.region());
            assertThat(record.eventID()).isNotBlank();
            assertThat(record.userIdentity()).isNull();
            assertThat(record.dynamodb().keys()).isEqualTo(key("a"));
            assertThat(record.dynamodb().sizeBytes()).isPositive();
            assertThat(record.dynamodb().approximateCreationDateTime())
                    .isBetween(
                            Instant.now().minus(Duration.ofMinutes(2)),
                            Instant.now().plusSeconds(1));
        });
        assertThat(records.get(1).dynamodb().oldImage()).isEqualTo(Map.of("id", text("a"), "v", text("1")));
        assertThat(records.get(1).dynamodb().newImage()).isEqualTo(Map.of("id", text("a"), "v", text("2")));
        assertThat(records.get(2).dynamodb().newImage())
                .isEqualTo(Map.of("id", text("a"), "v", text("2"), "w", text("3")));
        assertThat(records.get(3).dynamodb().hasNewImage()).isFalse();
        assertThat(records.get(3).dynamodb().oldImage()).containsKeys("id", "v", "w");
    }

    @Test
    void showsTheImagesOfTheViewType() {
        for (StreamViewType view : StreamViewType.knownValues()) {
            TestTable table = create(TableShape.simple().withView(view));
            table.put("a", "v", "1");
            table.put("a", "v", "2");

            Record modified = readAll(table, 2).get(1);

            assertThat(modified.dynamodb().streamViewType()).isEqualTo(view);
            assertThat(modified.dynamodb().hasOldImage())
                    .as("old image with " + view)
                    .isEqualTo(view == StreamViewType.OLD_IMAGE || view == StreamViewType.NEW_AND_OLD_IMAGES);
            assertThat(modified.dynamodb().hasNewImage())
                    .as("new image with " + view)
                    .isEqualTo(view == StreamViewType.NEW_IMAGE || view == StreamViewType.NEW_AND_OLD_IMAGES);
        }
    }

    @Test
    void bringsEveryTypeOfAttributeAsItWasPut() {
        TestTable table = create(TableShape.simple());
        Map<String, AttributeValue> item = Map.ofEntries(
                Map.entry("id", text("every ä€😀 \" \\ \u0001")),
                Map.entry("N", AttributeValue.fromN("-12.5")),
                Map.entry("B", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, -1, 127}))),
                Map.entry("SS", AttributeValue.fromSs(List.of("a", "b"))),
                Map.entry("NS", AttributeValue.fromNs(List.of("1", "2"))),
                Map.entry("BS", AttributeValue.fromBs(List.of(SdkBytes.fromUtf8String("x")))),
                Map.entry(
                        "M",
                        AttributeValue.fromM(Map.of(
                                "inner", AttributeValue.fromL(List.of(text("x"), AttributeValue.fromBool(false)))))),
                Map.entry("empty", AttributeValue.fromM(Map.of())),
                Map.entry("none", AttributeValue.fromL(List.of())),
                Map.entry("blank", text("")),
                Map.entry("BOOL", AttributeValue.fromBool(true)),
                Map.entry("NULL", AttributeValue.fromNul(true)));
        table.put(item);

        Map<String, AttributeValue> image =
                readAll(table, 1).getFirst().dynamodb().newImage();

        assertThat(image.keySet()).isEqualTo(item.keySet());
        for (String name : List.of("id", "N", "B", "BS", "M", "empty", "none", "blank", "BOOL", "NULL")) {
            assertThat(image).containsEntry(name, item.getOrDefault(name, text("")));
        }
        // A set has no order.
        assertThat(image.getOrDefault("SS", text("")).ss()).containsExactlyInAnyOrder("a", "b");
        assertThat(image.getOrDefault("NS", text("")).ns()).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void numbersRecordsInTheirOrder() {
        TestTable table = create(TableShape.simple());
        for (int i = 0; i < 120; i++) {
            table.put("k" + i % 3, "v", String.valueOf(i));
        }

        List<Record> records = readAll(table, 120);

        assertThat(records)
                .extracting(record ->
                        record.dynamodb().newImage().getOrDefault("v", text("")).s())
                .isEqualTo(IntStream.range(0, 120).mapToObj(String::valueOf).toList());
        assertThat(records)
                .extracting(record -> new BigInteger(record.dynamodb().sequenceNumber()))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(records).allSatisfy(record -> {
            assertThat(record.dynamodb().sequenceNumber()).hasSizeBetween(21, 40);
        });
    }

    @Test
    void beginsToReadWhereAnIteratorSays() {
        TestTable table = create(TableShape.simple());
        table.put("0", "v", "x");
        table.put("1", "v", "x");
        String shard = onlyShard(table);
        String latest = iterator(client, table.streamArn(), shard, ShardIteratorType.LATEST);
        table.put("2", "v", "x");
        String number = readAll(table, 3).get(1).dynamodb().sequenceNumber();

        assertThat(ids(latest, 1)).containsExactly("2");
        assertThat(ids(iterator(client, table.streamArn(), shard, ShardIteratorType.AT_SEQUENCE_NUMBER, number), 2))
                .containsExactly("1", "2");
        assertThat(ids(iterator(client, table.streamArn(), shard, ShardIteratorType.AFTER_SEQUENCE_NUMBER, number), 1))
                .containsExactly("2");
    }

    private List<String> ids(String iterator, int count) {
        return StreamsClients.read(client, iterator, count).stream()
                .map(record ->
                        record.dynamodb().keys().getOrDefault("id", text("")).s())
                .toList();
    }

    @Test
    void bringsAThousandRecordsAtMost() {
        TestTable table = create(TableShape.simple());
        table.putAll(IntStream.range(0, 1010).mapToObj(i -> key("k" + i)).toList());
        String iterator = iterator(client, table.streamArn(), onlyShard(table), ShardIteratorType.TRIM_HORIZON);

        GetRecordsResponse first = client.getRecords(request -> request.shardIterator(iterator));
        GetRecordsResponse second = client.getRecords(request -> request.shardIterator(first.nextShardIterator()));
        GetRecordsResponse few =
                client.getRecords(request -> request.shardIterator(iterator).limit(7));

        assertThat(first.records()).hasSize(1000);
        assertThat(second.records()).hasSize(10);
        assertThat(few.records()).hasSize(7);
    }

    // ---- shards that end ----

    @Test
    void rollsOverFromOneShardToTheNext() {
        TestTable table = create(TableShape.simple());
        String parent = onlyShard(table);
        table.put("before", "v", "x");
        table.rollOver();
        table.put("after", "v", "x");

        List<Shard> shards = describe(table.streamArn()).shards();

        assertThat(shards).hasSize(2);
        assertThat(shards.get(0).shardId()).isEqualTo(parent);
        assertThat(shards.get(0).sequenceNumberRange().endingSequenceNumber()).isNotNull();
        assertThat(shards.get(1).parentShardId()).isEqualTo(parent);
        assertThat(shards.get(1).sequenceNumberRange().endingSequenceNumber()).isNull();
        assertThat(StreamsClients.readToEnd(client, table.streamArn(), parent)).hasSize(1);
        assertThat(ids(iterator(client, table.streamArn(), shards.get(1).shardId(), ShardIteratorType.TRIM_HORIZON), 1))
                .containsExactly("after");
    }

    @Test
    void keepsWhatADisabledStreamHolds() {
        TestTable table = create(TableShape.simple());
        String arn = table.streamArn();
        table.put("before", "v", "x");
        table.disableStream();
        table.put("unseen", "v", "x");
        String newer = table.enableStream();
        table.put("after", "v", "x");

        StreamDescription old = describe(arn);
        String shard = old.shards().getFirst().shardId();

        assertThat(newer).isNotEqualTo(arn).isEqualTo(table.streamArn());
        assertThat(old.streamStatus()).isEqualTo(StreamStatus.DISABLED);
        assertThat(old.shards().getFirst().sequenceNumberRange().endingSequenceNumber())
                .isNotNull();
        assertThat(StreamsClients.readToEnd(client, arn, shard)).hasSize(1);
        assertThat(readAll(table, 1))
                .singleElement()
                .satisfies(record -> assertThat(record.dynamodb().keys()).isEqualTo(key("after")));
    }
}
