package dev.millrace.testkit.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerDescription;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The operations on streams and consumers, as the AWS SDK sees them in both of its protocols. */
@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class KinesisControlTest {

    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00.123Z");

    private final TestClock clock = new TestClock(NOW);
    private final KinesisServer server = KinesisServer.start(clock);
    private final KinesisClient client;

    KinesisControlTest(boolean cbor) {
        SdkClients.speak(cbor);
        client = SdkClients.sync(server);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        SdkClients.speakDefault();
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

    private static String arn() {
        return "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    }
}
