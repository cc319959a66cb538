package dev.millrace.kinesis;

import dev.millrace.config.AwsSettings;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.TestMappings;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Streams on one server, the plain SDK client to fill and change them, and the sources under test. */
final class KinesisStreams implements AutoCloseable {

    static final String REGION = "us-east-1";
    static final String ACCOUNT = "000000000000";

    /** Other suites and runs may use the same server. */
    private static final String PREFIX = "s-" + UUID.randomUUID().toString().substring(0, 8) + "-";

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final URI endpoint;
    private final KinesisStreamSourceProvider provider = new KinesisStreamSourceProvider();
    final KinesisClient client;

    KinesisStreams(URI endpoint) {
        this.endpoint = endpoint;
        this.client = KinesisClient.builder()
                .region(Region.of(REGION))
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    /** Makes a stream and answers its name. */
    String create(int shards) {
        String name = PREFIX + NAMES.incrementAndGet();
        client.createStream(request -> request.streamName(name).shardCount(shards));
        awaitActive(name);
        return name;
    }

    static String arn(String name) {
        return "arn:aws:kinesis:" + REGION + ":" + ACCOUNT + ":stream/" + name;
    }

    /** Registers a consumer of the stream and answers its ARN. */
    String consumer(String name) {
        String arn = client.registerStreamConsumer(
                        request -> request.streamARN(arn(name)).consumerName("millrace"))
                .consumer()
                .consumerARN();
        Eventually.until(
                "the consumer is there",
                () -> client.describeStreamConsumer(request -> request.consumerARN(arn))
                        .consumerDescription()
                        .consumerStatus()
                        .equals(ConsumerStatus.ACTIVE));
        return arn;
    }

    private void awaitActive(String name) {
        Eventually.until(
                "the stream is ready",
                () -> client.describeStreamSummary(request -> request.streamName(name))
                        .streamDescriptionSummary()
                        .streamStatus()
                        .equals(StreamStatus.ACTIVE));
    }

    void put(String name, String key, byte[] data) {
        client.putRecord(
                request -> request.streamName(name).partitionKey(key).data(SdkBytes.fromByteArrayUnsafe(data)));
    }

    /** Splits every open shard in the middle. */
    void splitAll(String name) {
        List<Shard> open = client.listShards(request -> request.streamName(name)).shards().stream()
                .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
                .toList();
        for (Shard shard : open) {
            HashKeyRange range = shard.hashKeyRange();
            BigInteger middle = new BigInteger(range.startingHashKey())
                    .add(new BigInteger(range.endingHashKey()))
                    .divide(BigInteger.TWO);
            client.splitShard(request ->
                    request.streamName(name).shardToSplit(shard.shardId()).newStartingHashKey(middle.toString()));
            awaitActive(name);
        }
    }

    StreamSource open(String arn, List<String> filterPatterns) {
        return open(arn, filterPatterns, endpoint, false);
    }

    StreamSource open(String arn, List<String> filterPatterns, URI at, boolean deaggregate) {
        return provider.open(
                TestMappings.ofStream(arn, filterPatterns),
                new AwsSettings(REGION, ACCOUNT, Map.of("Kinesis", at)),
                deaggregate);
    }

    @Override
    public void close() {
        client.close();
        provider.close();
    }
}
