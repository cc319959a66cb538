package dev.millrace.testkit.kinesis;

import static dev.millrace.testkit.kinesis.ServerScene.FIRST;
import static dev.millrace.testkit.kinesis.ServerScene.NOW;
import static dev.millrace.testkit.kinesis.ServerScene.arn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerDescription;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Streams, shards and consumers, as the AWS SDK sees them in both of its protocols. */
@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class KinesisServerTest {

    private final ServerScene scene;
    private final KinesisServer server;
    private final KinesisClient client;
    private final String contentType;

    KinesisServerTest(boolean cbor) {
        scene = new ServerScene(cbor);
        server = scene.server();
        client = scene.client();
        contentType = cbor ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1";
    }

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void answersInTheProtocolOfTheRequest() {
        var http = client.listStreams().sdkHttpResponse();

        assertThat(http.firstMatchingHeader("Content-Type")).hasValue(contentType);
        assertThat(http.firstMatchingHeader("x-amzn-requestid")).isPresent();
    }

    // ---- streams ----

    @Test
    void createsDescribesAndDeletesStreams() {
        client.createStream(request -> request.streamName("s").shardCount(3));

        StreamDescriptionSummary summary =
                client.describeStreamSummary(request -> request.streamName("s")).streamDescriptionSummary();
        assertThat(summary.streamName()).isEqualTo("s");
        assertThat(summary.streamARN()).isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/s");
        assertThat(summary.streamStatus()).isEqualTo(StreamStatus.ACTIVE);
        assertThat(summary.retentionPeriodHours()).isEqualTo(24);
        assertThat(summary.streamCreationTimestamp()).isEqualTo(NOW);
        assertThat(summary.openShardCount()).isEqualTo(3);
        assertThat(client.describeStreamSummary(request -> request.streamARN(summary.streamARN()))
                        .streamDescriptionSummary())
                .isEqualTo(summary);
        assertThat(client.listStreams().streamNames()).containsExactly("s");

        client.deleteStream(request -> request.streamName("s"));

        assertThat(client.listStreams().streamNames()).isEmpty();
        assertThatThrownBy(() -> client.describeStreamSummary(request -> request.streamName("s")))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("Stream s under account 000000000000 not found.");
    }

    @Test
    void refusesAStreamThatExists() {
        server.stream("s", 1);

        assertThatThrownBy(() ->
                        client.createStream(request -> request.streamName("s").shardCount(1)))
                .isInstanceOfSatisfying(ResourceInUseException.class, e -> {
                    assertThat(e.statusCode()).isEqualTo(400);
                    assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ResourceInUseException");
                    assertThat(e.requestId()).isNotBlank();
                });
    }

    @Test
    void describesStreamsPageByPage() {
        server.stream("s", 5);

        var first = client.describeStream(request -> request.streamName("s").limit(3))
                .streamDescription();
        var second = client.describeStream(request -> request.streamName("s")
                        .exclusiveStartShardId(first.shards().getLast().shardId()))
                .streamDescription();

        assertThat(first.hasMoreShards()).isTrue();
        assertThat(first.shards()).hasSize(3);
        assertThat(second.hasMoreShards()).isFalse();
        assertThat(second.shards()).hasSize(2);
    }

    @Test
    void changesTheRetention() {
        server.stream("s", 1);

        client.increaseStreamRetentionPeriod(request -> request.streamName("s").retentionPeriodHours(8760));
        assertThat(retentionHours()).isEqualTo(8760);
        assertThatThrownBy(() -> client.increaseStreamRetentionPeriod(
                        request -> request.streamName("s").retentionPeriodHours(48)))
                .isInstanceOf(InvalidArgumentException.class);
        client.decreaseStreamRetentionPeriod(request -> request.streamName("s").retentionPeriodHours(48));
        assertThat(retentionHours()).isEqualTo(48);
        assertThatThrownBy(() -> client.decreaseStreamRetentionPeriod(
                        request -> request.streamName("s").retentionPeriodHours(72)))
                .isInstanceOf(InvalidArgumentException.class);
    }

    private int retentionHours() {
        return client.describeStreamSummary(request -> request.streamName("s"))
                .streamDescriptionSummary()
                .retentionPeriodHours();
    }

    // ---- shards ----

    @Test
    void cutsTheHashKeysIntoShards() {
        server.stream("s", 3);

        List<Shard> shards = scene.shards();

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
                .isEqualTo(scene.shards());
        assertThat(third.nextToken()).isNull();
        assertThat(client.listShards(request -> request.streamName("s").exclusiveStartShardId(FIRST))
                        .shards())
                .isEqualTo(scene.shards().subList(1, 5));
        assertThatThrownBy(() ->
                        client.listShards(request -> request.streamName("s").nextToken(first.nextToken())))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("NextToken and StreamName cannot be provided together.");
    }

    @Test
    void splitsAShard() {
        server.stream("s", 1);
        String before = scene.put("k", "before");

        client.splitShard(request -> request.streamName("s")
                .shardToSplit(FIRST)
                .newStartingHashKey(BigInteger.TWO.pow(127).toString()));

        List<Shard> shards = scene.shards();
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
        assertThat(new BigInteger(scene.put("k", "after"))).isGreaterThan(new BigInteger(before));
        assertThatThrownBy(() -> client.splitShard(
                        request -> request.streamName("s").shardToSplit(FIRST).newStartingHashKey("7")))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void mergesTwoShards() {
        server.stream("s", 3);
        List<String> ids = scene.shards().stream().map(Shard::shardId).toList();

        assertThatThrownBy(() -> client.mergeShards(request ->
                        request.streamName("s").shardToMerge(ids.get(0)).adjacentShardToMerge(ids.get(2))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("are not an adjacent pair of shards eligible for merging");
        client.mergeShards(
                request -> request.streamName("s").shardToMerge(ids.get(1)).adjacentShardToMerge(ids.get(0)));

        Shard child = scene.shards().getLast();
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
        scene.put("k", "1");
        scene.put("k", "2");

        GetRecordsResponse read = client.getRecords(
                request -> request.shardIterator(scene.trimHorizon()).limit(1));

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
        scene.advance(Duration.ofHours(1));
        List<String> children = stream.split(FIRST);
        scene.advance(Duration.ofHours(1));
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

    // ---- consumers ----

    @Test
    void registersConsumers() {
        server.stream("s", 1);

        var registered = client.registerStreamConsumer(
                        request -> request.streamARN(arn()).consumerName("c"))
                .consumer();

        assertThat(registered.consumerStatus()).isEqualTo(ConsumerStatus.CREATING);
        assertThat(registered.consumerARN()).isEqualTo(arn() + "/consumer/c:" + NOW.getEpochSecond());
        ConsumerDescription described = client.describeStreamConsumer(
                        request -> request.consumerARN(registered.consumerARN()))
                .consumerDescription();
        assertThat(described.consumerStatus()).isEqualTo(ConsumerStatus.ACTIVE);
        assertThat(described.streamARN()).isEqualTo(arn());
        assertThat(described.consumerCreationTimestamp()).isEqualTo(NOW);
        assertThat(client.describeStreamConsumer(
                                request -> request.streamARN(arn()).consumerName("c"))
                        .consumerDescription())
                .isEqualTo(described);
        assertThatThrownBy(() -> client.registerStreamConsumer(
                        request -> request.streamARN(arn()).consumerName("c")))
                .isInstanceOf(ResourceInUseException.class);

        client.deregisterStreamConsumer(request -> request.consumerARN(registered.consumerARN()));

        assertThat(client.listStreamConsumers(request -> request.streamARN(arn()))
                        .consumers())
                .isEmpty();
        assertThatThrownBy(
                        () -> client.describeStreamConsumer(request -> request.consumerARN(registered.consumerARN())))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void listsConsumersPageByPage() {
        server.stream("s", 1);
        for (String name : List.of("c", "a", "b")) {
            client.registerStreamConsumer(request -> request.streamARN(arn()).consumerName(name));
        }

        var first =
                client.listStreamConsumers(request -> request.streamARN(arn()).maxResults(2));
        var second =
                client.listStreamConsumers(request -> request.streamARN(arn()).nextToken(first.nextToken()));

        assertThat(first.consumers()).extracting(one -> one.consumerName()).containsExactly("a", "b");
        assertThat(second.consumers()).extracting(one -> one.consumerName()).containsExactly("c");
        assertThat(second.nextToken()).isNull();
    }
}
