package dev.millrace.testkit.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class KinesisServerTest {

    private final KinesisServer server = KinesisServer.start();
    private final KinesisClient client;

    KinesisServerTest(boolean cbor) {
        System.setProperty(SdkSystemSetting.CBOR_ENABLED.property(), String.valueOf(cbor));
        client = KinesisClient.builder()
                .region(Region.of(KinesisServer.REGION))
                .endpointOverride(server.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        System.clearProperty(SdkSystemSetting.CBOR_ENABLED.property());
    }

    @Test
    void readsWhatWasPut() {
        client.createStream(request -> request.streamName("s").shardCount(1));
        String shard = client.listShards(request -> request.streamName("s"))
                .shards()
                .getFirst()
                .shardId();
        String number = client.putRecord(request ->
                        request.streamName("s").partitionKey("k").data(SdkBytes.fromUtf8String("hello")))
                .sequenceNumber();
        String iterator = client.getShardIterator(request ->
                        request.streamName("s").shardId(shard).shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();

        GetRecordsResponse read = client.getRecords(request -> request.shardIterator(iterator));

        assertThat(read.records()).extracting(Record::sequenceNumber).isEqualTo(List.of(number));
        assertThat(read.records().getFirst().data().asUtf8String()).isEqualTo("hello");
        assertThat(read.records().getFirst().approximateArrivalTimestamp()).isNotNull();
        assertThat(number).hasSize(56).startsWith("49");
        assertThat(read.millisBehindLatest()).isZero();
        assertThat(read.nextShardIterator()).isNotNull();
    }
}
