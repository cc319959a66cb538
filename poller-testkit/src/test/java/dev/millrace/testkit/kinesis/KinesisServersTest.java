package dev.millrace.testkit.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testkit.Eventually;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** What our own server and others do alike: it may not be kinder than they are. */
@OnEveryKinesisServer
class KinesisServersTest {

    private static final String FIRST = "shardId-000000000000";
    private static final int MOST_READS = 200;

    private final KinesisEndpoint server;
    private final KinesisClient client;
    private final String stream = "millrace-" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);

    KinesisServersTest(KinesisEndpoint server) {
        this.server = server;
        this.client = SdkClients.sync(server.endpoint());
    }

    @BeforeEach
    void create() {
        create(1);
    }

    @AfterEach
    void delete() {
        client.deleteStream(request -> request.streamName(stream).enforceConsumerDeletion(true));
        client.close();
    }

    private void create(int shards) {
        client.createStream(request -> request.streamName(stream).shardCount(shards));
        awaitActive();
    }

    private StreamDescriptionSummary awaitActive() {
        Eventually.until("the stream to be active", () -> summary().streamStatus() == StreamStatus.ACTIVE);
        return summary();
    }

    private StreamDescriptionSummary summary() {
        return client.describeStreamSummary(request -> request.streamName(stream))
                .streamDescriptionSummary();
    }

    @Test
    void describesAStream() {
        StreamDescriptionSummary summary = awaitActive();

        assertThat(summary.streamARN()).isEqualTo(server.arn(stream));
        assertThat(summary.openShardCount()).isEqualTo(1);
        assertThat(summary.retentionPeriodHours()).isEqualTo(24);
        assertThat(summary.streamCreationTimestamp())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
    }

    @Test
    void refusesAStreamThatDoesNotExist() {
        assertThatThrownBy(() -> client.describeStreamSummary(request -> request.streamName("no-such-stream")))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> client.getShardIterator(request -> request.streamName(stream)
                        .shardId("shardId-000000000042")
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON)))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void readsInOrderWhatWasPut() {
        List<String> sent = put("k", 25);

        List<String> read = readToTip(iterator(FIRST, ShardIteratorType.TRIM_HORIZON), 10);

        assertThat(read).isEqualTo(sent);
    }

    @Test
    void beginsToReadWhereAnIteratorSays() {
        List<String> numbers = List.of(putOne("0"), putOne("1"), putOne("2"));
        String latest = iterator(FIRST, ShardIteratorType.LATEST);
        putOne("3");

        assertThat(numbers)
                .isSortedAccordingTo((one, other) -> new BigInteger(one).compareTo(new BigInteger(other)))
                .allSatisfy(number -> assertThat(number).hasSize(56).startsWith("49"));
        assertThat(readToTip(iterator(ShardIteratorType.AT_SEQUENCE_NUMBER, numbers.get(1)), 10))
                .containsExactly("1", "2", "3");
        assertThat(readToTip(iterator(ShardIteratorType.AFTER_SEQUENCE_NUMBER, numbers.get(1)), 10))
                .containsExactly("2", "3");
        assertThat(readToTip(latest, 10)).containsExactly("3");
    }

    @Test
    void beginsToReadAtATime() {
        putOne("0");
        GetRecordsResponse read =
                client.getRecords(request -> request.shardIterator(iterator(FIRST, ShardIteratorType.TRIM_HORIZON)));
        Instant arrival = read.records().getFirst().approximateArrivalTimestamp();

        String before = client.getShardIterator(request -> request.streamName(stream)
                        .shardId(FIRST)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(arrival.minusSeconds(60)))
                .shardIterator();

        assertThat(readToTip(before, 10)).containsExactly("0");
    }

    @Test
    void tellsTheChildrenOfASplitShard() {
        List<String> sent = put("k", 3);
        client.splitShard(request -> request.streamName(stream)
                .shardToSplit(FIRST)
                .newStartingHashKey(BigInteger.TWO.pow(127).toString()));
        awaitActive();

        List<Shard> children = shards().stream()
                .filter(shard -> FIRST.equals(shard.parentShardId()))
                .toList();
        assertThat(children).hasSize(2);
        assertThat(open()).hasSize(2).doesNotContain(FIRST);
        assertReadsToTheEnd(FIRST, sent, children);
    }

    @Test
    void tellsTheChildOfMergedShards() {
        client.updateShardCount(
                request -> request.streamName(stream).targetShardCount(2).scalingType("UNIFORM_SCALING"));
        awaitActive();
        List<String> parents = open();
        client.mergeShards(request ->
                request.streamName(stream).shardToMerge(parents.get(0)).adjacentShardToMerge(parents.get(1)));
        awaitActive();

        Shard child = shards().stream()
                .filter(shard -> parents.get(0).equals(shard.parentShardId()))
                .findFirst()
                .orElseThrow();
        assertThat(child.adjacentParentShardId()).isEqualTo(parents.get(1));
        assertReadsToTheEnd(parents.get(0), List.of(), List.of(child));
        assertReadsToTheEnd(parents.get(1), List.of(), List.of(child));
    }

    private void assertReadsToTheEnd(String shardId, List<String> expected, List<Shard> children) {
        List<String> data = new ArrayList<>();
        String iterator = iterator(shardId, ShardIteratorType.TRIM_HORIZON);
        for (int i = 0; i < MOST_READS; i++) {
            String current = iterator;
            GetRecordsResponse read = client.getRecords(request -> request.shardIterator(current));
            data.addAll(data(read));
            if (read.nextShardIterator() == null) {
                assertThat(read.childShards())
                        .extracting(child -> child.shardId())
                        .containsExactlyInAnyOrderElementsOf(
                                children.stream().map(Shard::shardId).toList());
                assertThat(data).isEqualTo(expected);
                return;
            }
            iterator = read.nextShardIterator();
        }
        throw new AssertionError("no end after " + MOST_READS + " reads");
    }

    @Test
    void putsARecordOnTheShardOfItsHashKey() {
        client.updateShardCount(
                request -> request.streamName(stream).targetShardCount(2).scalingType("UNIFORM_SCALING"));
        awaitActive();
        List<PutRecordsRequestEntry> entries = IntStream.range(0, 50)
                .mapToObj(i -> PutRecordsRequestEntry.builder()
                        .partitionKey("key-" + i)
                        .data(SdkBytes.fromUtf8String("x"))
                        .build())
                .toList();

        PutRecordsResponse put =
                client.putRecords(request -> request.streamName(stream).records(entries));

        // The same as on a server of ours, whose routing is tested against MD5 by hand.
        try (KinesisServer ours = KinesisServer.start()) {
            TestStream reference = ours.stream("reference", 2);
            List<String> open = open();
            assertThat(put.records())
                    .extracting(one -> open.indexOf(one.shardId()))
                    .isEqualTo(entries.stream()
                            .map(entry -> reference.openByHashKey().indexOf(reference.shardOf(entry.partitionKey())))
                            .toList());
        }
    }

    /** The open shards by the beginning of their hash keys. */
    private List<String> open() {
        return client
                .listShards(request ->
                        request.streamName(stream).shardFilter(filter -> filter.type(ShardFilterType.AT_LATEST)))
                .shards()
                .stream()
                .sorted((one, other) -> new BigInteger(one.hashKeyRange().startingHashKey())
                        .compareTo(new BigInteger(other.hashKeyRange().startingHashKey())))
                .map(Shard::shardId)
                .toList();
    }

    private List<Shard> shards() {
        return client.listShards(request -> request.streamName(stream)).shards();
    }

    private String iterator(String shardId, ShardIteratorType type) {
        return client.getShardIterator(
                        request -> request.streamName(stream).shardId(shardId).shardIteratorType(type))
                .shardIterator();
    }

    private String iterator(ShardIteratorType type, String number) {
        return client.getShardIterator(request -> request.streamName(stream)
                        .shardId(FIRST)
                        .shardIteratorType(type)
                        .startingSequenceNumber(number))
                .shardIterator();
    }

    private List<String> put(String key, int count) {
        List<String> data = IntStream.range(0, count).mapToObj(String::valueOf).toList();
        client.putRecords(request -> request.streamName(stream)
                .records(data.stream()
                        .map(one -> PutRecordsRequestEntry.builder()
                                .partitionKey(key)
                                .data(SdkBytes.fromUtf8String(one))
                                .build())
                        .toList()));
        return data;
    }

    private String putOne(String data) {
        return client.putRecord(
                        request -> request.streamName(stream).partitionKey("k").data(SdkBytes.fromUtf8String(data)))
                .sequenceNumber();
    }

    private List<String> readToTip(String from, int limit) {
        List<String> data = new ArrayList<>();
        String iterator = from;
        for (int i = 0; i < MOST_READS; i++) {
            String current = iterator;
            GetRecordsResponse read =
                    client.getRecords(request -> request.shardIterator(current).limit(limit));
            data.addAll(data(read));
            // kinesis-local is zero milliseconds behind also where records of the last millisecond follow.
            if (read.records().isEmpty() && read.millisBehindLatest() == 0) {
                return data;
            }
            iterator = read.nextShardIterator();
        }
        throw new AssertionError("no tip after " + MOST_READS + " reads");
    }

    private static List<String> data(GetRecordsResponse read) {
        return read.records().stream().map(one -> one.data().asUtf8String()).toList();
    }
}
