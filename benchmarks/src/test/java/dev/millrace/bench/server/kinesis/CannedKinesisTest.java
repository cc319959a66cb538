package dev.millrace.bench.server.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.bench.server.RunningLoop;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;

/** Asked by AWS's own client, in both formats. */
class CannedKinesisTest {
    private static final int SHARDS = 2_500;
    private static final String SHARD = "shardId-000000000007";

    private final List<AutoCloseable> opened = new ArrayList<>();

    private KinesisClient client(WireFormat format, int recordBytes, int recordsPerRead) {
        RunningLoop server = RunningLoop.start(new CannedKinesis(SHARDS, recordBytes, recordsPerRead));
        opened.add(server);
        System.setProperty(SdkSystemSetting.CBOR_ENABLED.property(), Boolean.toString(format == WireFormat.CBOR));
        KinesisClient client = KinesisClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(URI.create("http://127.0.0.1:" + server.port()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .build();
        opened.add(client);
        return client;
    }

    @AfterEach
    void close() throws Exception {
        System.clearProperty(SdkSystemSetting.CBOR_ENABLED.property());
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordsAscendWithoutGapsFromReadToRead(WireFormat format) {
        KinesisClient kinesis = client(format, 100, 1_000);
        String iterator = iterator(kinesis, ShardIteratorType.TRIM_HORIZON, null);
        List<Record> all = new ArrayList<>();
        for (int limit : new int[] {10_000, 3, 1_000, 1}) {
            GetRecordsResponse answer = read(kinesis, iterator, limit);
            assertThat(answer.millisBehindLatest()).isPositive();
            assertThat(answer.records()).hasSize(Math.min(limit, 1_000));
            all.addAll(answer.records());
            iterator = answer.nextShardIterator();
        }
        List<BigInteger> numbers =
                all.stream().map(Record::sequenceNumber).map(BigInteger::new).toList();
        assertThat(numbers)
                .isEqualTo(IntStream.range(0, numbers.size())
                        .mapToObj(i -> numbers.getFirst().add(BigInteger.valueOf(i)))
                        .toList());
        assertThat(all.getLast().sequenceNumber()).hasSize(56);
    }

    @ParameterizedTest
    @EnumSource
    void recordsHaveKeysOfTheirOwnTheirSizeAndThePresentAsArrival(WireFormat format) {
        KinesisClient kinesis = client(format, 1_000, 500);
        List<Record> records = read(kinesis, iterator(kinesis, ShardIteratorType.TRIM_HORIZON, null), 10_000)
                .records();
        Set<String> keys = records.stream().map(Record::partitionKey).collect(Collectors.toSet());

        assertThat(keys).hasSize(500).contains("device-00000000", "device-00000499");
        assertThat(records).allSatisfy(record -> {
            assertThat(record.data().asByteArray()).hasSize(1_000);
            assertThat(record.data().asString(StandardCharsets.UTF_8))
                    .startsWith("{\"order\":")
                    .endsWith("\"}");
            assertThat(record.approximateArrivalTimestamp()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        });
    }

    @ParameterizedTest
    @EnumSource
    void readsOnFromASequenceNumber(WireFormat format) {
        KinesisClient kinesis = client(format, 100, 10);
        List<Record> first = read(kinesis, iterator(kinesis, ShardIteratorType.TRIM_HORIZON, null), 10)
                .records();
        String fifth = first.get(4).sequenceNumber();

        assertThat(read(kinesis, iterator(kinesis, ShardIteratorType.AT_SEQUENCE_NUMBER, fifth), 1)
                        .records())
                .extracting(Record::sequenceNumber)
                .containsExactly(fifth);
        assertThat(read(kinesis, iterator(kinesis, ShardIteratorType.AFTER_SEQUENCE_NUMBER, fifth), 1)
                        .records())
                .extracting(Record::sequenceNumber)
                .containsExactly(first.get(5).sequenceNumber());
    }

    @ParameterizedTest
    @EnumSource
    void aStreamWithoutRecordsIsAtItsTip(WireFormat format) {
        KinesisClient kinesis = client(format, 100, 0);
        GetRecordsResponse answer = read(kinesis, iterator(kinesis, ShardIteratorType.TRIM_HORIZON, null), 10_000);

        assertThat(answer.records()).isEqualTo(List.<Record>of());
        assertThat(answer.millisBehindLatest()).isZero();
        assertThat(read(kinesis, answer.nextShardIterator(), 1).hasRecords()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void listsAllShardsInPagesAndTheyShareAllHashKeys(WireFormat format) {
        KinesisClient kinesis = client(format, 100, 0);
        List<Shard> shards = new ArrayList<>();
        ListShardsResponse page = kinesis.listShards(request -> request.streamName("bench"));
        shards.addAll(page.shards());
        while (page.nextToken() != null) {
            String token = page.nextToken();
            page = kinesis.listShards(request -> request.nextToken(token));
            shards.addAll(page.shards());
        }

        assertThat(new HashSet<>(shards.stream().map(Shard::shardId).toList())).hasSize(SHARDS);
        BigInteger next = BigInteger.ZERO;
        for (Shard shard : shards) {
            assertThat(new BigInteger(shard.hashKeyRange().startingHashKey())).isEqualTo(next);
            next = new BigInteger(shard.hashKeyRange().endingHashKey()).add(BigInteger.ONE);
        }
        assertThat(next).isEqualTo(BigInteger.TWO.pow(128));
    }

    @ParameterizedTest
    @EnumSource
    void describesTheStream(WireFormat format) {
        StreamDescriptionSummary summary = client(format, 100, 0)
                .describeStreamSummary(request -> request.streamName("bench"))
                .streamDescriptionSummary();

        assertThat(summary.streamARN()).isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/bench");
        assertThat(summary.openShardCount()).isEqualTo(SHARDS);
        assertThat(summary.retentionPeriodHours()).isEqualTo(24);
        assertThat(summary.streamCreationTimestamp()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }

    @ParameterizedTest
    @EnumSource
    void anActionItDoesNotKnowIsRefused(WireFormat format) {
        KinesisClient kinesis = client(format, 100, 0);
        assertThatThrownBy(() -> kinesis.listStreams())
                .isInstanceOf(KinesisException.class)
                .hasMessageContaining("ListStreams");
    }

    private static String iterator(KinesisClient kinesis, ShardIteratorType type, @Nullable String sequenceNumber) {
        return kinesis.getShardIterator(request -> request.streamName("bench")
                        .shardId(SHARD)
                        .shardIteratorType(type)
                        .startingSequenceNumber(sequenceNumber))
                .shardIterator();
    }

    private static GetRecordsResponse read(KinesisClient kinesis, String iterator, int limit) {
        return kinesis.getRecords(request -> request.shardIterator(iterator).limit(limit));
    }
}
